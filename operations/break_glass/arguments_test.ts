import { assertEquals, assertThrows } from "@std/assert";
import { OperationError } from "../errors.ts";
import { readArguments } from "./arguments.ts";

Deno.test("readArguments() tells the modes apart", () => {
  assertEquals(readArguments([]), { kind: "online" });
  assertEquals(readArguments(["-h"]), { kind: "help" });
  assertEquals(readArguments(["--offline", "a.csv"]), {
    ...{ kind: "offline", list: "a.csv", journal: null },
  });
  assertEquals(readArguments(["--offline=a.csv", "--journal=b.jsonl"]), {
    ...{ kind: "offline", list: "a.csv", journal: "b.jsonl" },
  });
  assertEquals(readArguments(["--import", "b.jsonl"]), { kind: "import", journal: "b.jsonl" });
});

Deno.test("readArguments() refuses the rest without repeating it", () => {
  for (
    const args of [
      ["--secret=hemmelig"],
      ["hemmelig"],
      ["--offline"],
      ["--journal", "hemmelig"],
      ["--import", "a", "--offline", "hemmelig"],
    ]
  ) {
    const error = assertThrows(() => readArguments(args), OperationError);
    assertEquals([error.code, error.message.includes("hemmelig")], ["usage", false]);
  }
});
