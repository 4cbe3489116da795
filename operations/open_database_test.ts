import { assertEquals, assertThrows } from "@std/assert";
import { OperationError } from "./errors.ts";
import { tlsOptions } from "./open_database.ts";

Deno.test("tlsOptions() encrypts what leaves this machine", () => {
  assertEquals(tlsOptions("postgresql://postgres:x@db.example.org:5432/postgres"), {
    ssl: "require",
  });
  assertEquals(tlsOptions("postgres://postgres@127.0.0.1:54322/postgres"), {});
  assertEquals(tlsOptions("postgresql://postgres@[::1]/postgres"), {});
  assertEquals(tlsOptions("postgresql://db.example.org/postgres?sslmode=verify-full"), {});
});

Deno.test("tlsOptions() refuses other addresses without repeating them", () => {
  for (const url of ["", "hemmelig", "https://x:hemmelig@db.example.org"]) {
    const error = assertThrows(() => tlsOptions(url), OperationError);
    assertEquals([error.code, error.message.includes("hemmelig")], ["usage", false]);
  }
});
