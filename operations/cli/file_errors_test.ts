import { assertEquals } from "@std/assert";
import { explainFileError } from "./file_errors.ts";

Deno.test("explainFileError() knows errors that Deno gives no code to", () => {
  assertEquals(
    explainFileError(new Error("File too large (os error 27)")),
    "the file would be too large",
  );
  assertEquals(explainFileError(new Error("hemmelig (os error 9999)")), null);
  assertEquals(explainFileError(new TypeError("hemmelig")), null);
  assertEquals(explainFileError("hemmelig"), null);
});
