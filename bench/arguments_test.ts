import { assertEquals, assertThrows } from "@std/assert";
import { readArguments, SECTIONS } from "./arguments.ts";
import { BenchError } from "./errors.ts";

Deno.test("readArguments() means everything when nothing is named", () => {
  assertEquals(readArguments([]), { sections: SECTIONS, isQuick: false, writesReport: false });
});

Deno.test("readArguments() keeps the order of the report", () => {
  assertEquals(readArguments(["--quick", "workers", "drain"]), {
    sections: ["drain", "workers"],
    isQuick: true,
    writesReport: false,
  });
});

Deno.test("readArguments() refuses what it does not know, and a report of less than all", () => {
  for (const args of [["--fast"], ["drains"], ["--report", "--quick"], ["--report", "drain"]]) {
    assertThrows(() => readArguments(args), BenchError);
  }
});
