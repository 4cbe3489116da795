import { assertEquals } from "@std/assert";
import { safeCode } from "./log.ts";

Deno.test("safeCode() admits SQLSTATEs, PostgREST's codes and words of this code", () => {
  for (
    const code of [
      "42501",
      "23514",
      "22P02",
      "57014",
      "0A000",
      "P0001",
      "XX000",
      "PT403",
      "PGRST301",
    ]
  ) assertEquals(safeCode(code), code);
  for (const word of ["network", "credentials_rejected", "TypeError"]) {
    assertEquals(safeCode(word), word);
  }
});

Deno.test("safeCode() admits nothing that could be somebody's", () => {
  for (
    const code of [
      ...["JONAS", "HANNE", "PETER", "FRODE", "Kari", "kari_nordmann", "KariNordmannError"],
      ...["91234567", "4791234567", "01819912345", "912 34 567", "PGRST91234567", ""],
      ...[null, undefined, 42501, { code: "42501" }],
    ]
  ) assertEquals(safeCode(code), "unknown");
});
