import { assertEquals, assertThrows } from "@std/assert";
import { OperationError } from "../errors.ts";
import { readArguments } from "./arguments.ts";

Deno.test("reads what is to be adopted", () => {
  assertEquals(readArguments(["../app"]), {
    kind: "adopt",
    folder: "../app",
    withoutCertifications: false,
    adapter: "template",
  });
  assertEquals(readArguments(["../app", "--without", "certifications", "--example=b"]), {
    kind: "adopt",
    folder: "../app",
    withoutCertifications: true,
    adapter: "b",
  });
  assertEquals(readArguments(["-h"]), { kind: "help" });
});

Deno.test("refuses what it does not know", () => {
  for (
    const args of [[], ["a", "b"], ["a", "--without=seals"], ["a", "--example=d"], ["a", "--force"]]
  ) {
    assertThrows(() => readArguments(args), OperationError, "Cannot read the arguments");
  }
});
