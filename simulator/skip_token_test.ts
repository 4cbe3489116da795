import { assertEquals, assertThrows } from "@std/assert";
import { ODataError } from "./odata_error.ts";
import { readSkipToken, writeSkipToken } from "./skip_token.ts";

Deno.test("readSkipToken() reads what writeSkipToken() wrote", () => {
  for (const cursor of [{ page: 2, place: 1 }, { page: 20, place: 1_234_567 }]) {
    assertEquals(readSkipToken(writeSkipToken(cursor)), cursor);
  }
});

Deno.test("readSkipToken() refuses a token that was decoded once too often, or tampered with", () => {
  const token = writeSkipToken({ page: 2, place: 5_000 });
  assertThrows(() => readSkipToken(decodeURIComponent(token)), ODataError);
  assertThrows(() => readSkipToken(encodeURIComponent(token)), ODataError);
  assertThrows(() => readSkipToken(token.replace('"2"', '"3"')), ODataError);
  assertThrows(() => readSkipToken(""), ODataError);
});
