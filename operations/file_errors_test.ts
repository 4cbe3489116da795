import { assertEquals } from "@std/assert";
import { explainFileError, FILE_WORDS } from "./file_errors.ts";
import { BOKMAL } from "./break_glass/words/bokmal.ts";

Deno.test("explainFileError() knows errors that Deno gives no code to", () => {
  assertEquals(
    explainFileError(new Error("File too large (os error 27)")),
    "the file would be too large",
  );
  assertEquals(explainFileError(new Error("hemmelig (os error 9999)")), null);
  assertEquals(explainFileError(new TypeError("hemmelig")), null);
  assertEquals(explainFileError("hemmelig"), null);
});

Deno.test("explainFileError() has words for each reason in both languages", () => {
  assertEquals(Object.keys(BOKMAL.file.reasons).sort(), Object.keys(FILE_WORDS.reasons).sort());
  const full = Object.assign(new Error("x"), { code: "ENOSPC" });
  assertEquals(explainFileError(full, BOKMAL.file), "disken er full");
});
