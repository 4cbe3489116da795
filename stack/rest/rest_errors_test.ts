import { assertEquals, assertStrictEquals } from "@std/assert";
import { asRestError, readSqlError, statusOfSqlState } from "./rest_errors.ts";

function databaseError(code: string): Error {
  return Object.assign(new Error("refused"), { code, detail: "Failing row contains (Kari)." });
}

Deno.test("readSqlError() reads an SQLSTATE and leaves other errors alone", () => {
  assertEquals(readSqlError(databaseError("23514")), {
    code: "23514",
    message: "refused",
    detail: "Failing row contains (Kari).",
    hint: null,
  });
  assertEquals(readSqlError(databaseError("ECONNREFUSED")), null);
  assertEquals(readSqlError("23514"), null);
});

Deno.test("statusOfSqlState() gives PostgREST's statuses", () => {
  const codes = ["23514", "23505", "23503", "P0001", "P0002", "40001", "57014", "53300", "22P02"];
  assertEquals(codes.map(statusOfSqlState), [400, 409, 409, 400, 500, 500, 500, 503, 400]);
});

Deno.test("asRestError() hands an unknown SQLSTATE on with its own code and status", () => {
  const error = asRestError(databaseError("23514")) as Record<string, string>;
  assertEquals(error.code, "PGRST");
  assertEquals(JSON.parse(error.message ?? "").code, "23514");
  assertEquals(JSON.parse(error.detail ?? "").status, 400);
});

Deno.test("asRestError() shows nothing of the row when it is printed", () => {
  for (const code of ["23514", "42501"]) {
    assertEquals(
      Deno.inspect(asRestError(databaseError(code))),
      `REST request refused by the database: ${code}`,
    );
  }
});

Deno.test("asRestError() leaves errors without an SQLSTATE alone", () => {
  const error = new Error("unrelated");
  assertStrictEquals(asRestError(error), error);
});
