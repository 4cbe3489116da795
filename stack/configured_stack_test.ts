import { assertEquals, assertThrows } from "@std/assert";
import { readDatabaseKind } from "./configured_stack.ts";
import { StackError } from "./machine/errors.ts";

Deno.test("readDatabaseKind() is pglite unless told otherwise", () => {
  assertEquals(["", "pglite", "postgres"].map(readDatabaseKind), ["pglite", "pglite", "postgres"]);
});

Deno.test("readDatabaseKind() names a setting it cannot read", () => {
  assertThrows(
    () => readDatabaseKind("mysql"),
    StackError,
    'HLF_DB must be pglite or postgres, not "mysql"',
  );
});
