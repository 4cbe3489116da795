import { assertEquals, assertThrows } from "@std/assert";
import { OperationError } from "../cli/errors.ts";
import { readArguments } from "./arguments.ts";

Deno.test("reads what is to be adopted", () => {
  assertEquals(readArguments(["../app"]), {
    kind: "adopt",
    folder: "../app",
    adapter: "template",
  });
  assertEquals(readArguments(["../app", "--without", "certifications", "--example=b"]), {
    kind: "adopt",
    folder: "../app",
    certifications: "without",
    adapter: "b",
  });
  assertEquals(readArguments(["../app", "--with=certifications"]), {
    kind: "adopt",
    folder: "../app",
    certifications: "with",
    adapter: "template",
  });
  assertEquals(readArguments(["-h"]), { kind: "help" });
});

Deno.test("refuses what it does not know", () => {
  for (
    const args of [
      [],
      ["a", "b"],
      ["a", "--without=seals"],
      ["a", "--with=seals"],
      ["a", "--with=certifications", "--without=certifications"],
      ["a", "--example=d"],
      ["a", "--force"],
    ]
  ) {
    assertThrows(() => readArguments(args), OperationError, "Cannot read the arguments");
  }
});
