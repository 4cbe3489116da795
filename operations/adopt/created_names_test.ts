import { assertEquals } from "@std/assert";
import { createdNames } from "./created_names.ts";

function names(...migrations: string[]): string[] {
  return [...createdNames(migrations)].sort();
}

Deno.test("finds what migrations make", () => {
  assertEquals(
    names(`
      create table Cert_Expiry_Reminders (id int);
      CREATE TABLE IF NOT EXISTS public."Mentors" (id int);
      create or replace view public.a as select 1;
      create materialized view app.b as select 1;
      create unique index concurrently if not exists c on a (x);
      create index on public.a (x);
      create type public.d as enum ('e');
      create function private.secret() returns text language sql as 'select 1';
      create schema if not exists app;`),
    [
      "app.b",
      "private.secret()",
      "public.Mentors",
      "public.a",
      "public.c",
      "public.cert_expiry_reminders",
      "schema app",
      "type public.d",
    ],
  );
});

Deno.test("what was dropped or renamed is gone", () => {
  assertEquals(
    names(
      "create table a (x int); create table b (x int); create table c (x int); create function f(a int) returns int;",
      "drop table if exists a, public.b cascade; alter table public.c rename to d; drop function f(int);",
    ),
    ["public.d"],
  );
});

Deno.test("comments, texts and bodies make nothing", () => {
  assertEquals(
    names(
      "-- create table a (x int);\n/* create table b (x int); */ comment on table x is 'create table c'; " +
        "create function f() returns int language plpgsql as $body$ begin create table d (x int); end $body$;",
    ),
    ["public.f()"],
  );
});

Deno.test("but a block that is done at once does", () => {
  assertEquals(names("do $$ begin create table a (x int); end $$;"), ["public.a"]);
});
