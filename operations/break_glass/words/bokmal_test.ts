import { assertEquals } from "@std/assert";
import { explainFileError, FILE_WORDS } from "../../cli/file_errors.ts";
import { BOKMAL } from "./bokmal.ts";

Deno.test("Bokmål has words for each reason why a file cannot be used", () => {
  assertEquals(Object.keys(BOKMAL.file.reasons).sort(), Object.keys(FILE_WORDS.reasons).sort());
  const full = Object.assign(new Error("x"), { code: "ENOSPC" });
  assertEquals(explainFileError(full, BOKMAL.file), "disken er full");
});
