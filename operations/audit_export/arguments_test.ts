import { assertEquals, assertThrows } from "@std/assert";
import { OperationError } from "../cli/errors.ts";
import { readExportArguments } from "./arguments.ts";

Deno.test("readExportArguments() reads a range or a year", () => {
  assertEquals(readExportArguments(["--from", "2026-11-01", "--to", "2026-11-30", "--out", "d"]), {
    kind: "export",
    range: { from: "2026-11-01", to: "2026-11-30" },
    partition: null,
    directory: "d",
  });
  assertEquals(readExportArguments(["--partition=2026", "--out=d"]), {
    kind: "export",
    range: { from: "2026-01-01", to: "2026-12-31" },
    partition: 2026,
    directory: "d",
  });
  assertEquals(readExportArguments(["-h"]), { kind: "help" });
});

Deno.test("readExportArguments() refuses the rest", () => {
  for (
    const args of [
      [],
      ["--out", "d"],
      ["--from", "2026-11-01", "--to", "2026-11-30"],
      ["--from", "1.11.2026", "--to", "2026-11-30", "--out", "d"],
      ["--partition", "2026; drop", "--out", "d"],
      ["--partition", "2026", "--from", "2026-11-01", "--out", "d"],
      ["--what"],
    ]
  ) {
    assertEquals(assertThrows(() => readExportArguments(args), OperationError).code, "usage");
  }
});
