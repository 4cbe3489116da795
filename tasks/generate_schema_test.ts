import { assertEquals, assertThrows } from "@std/assert";
import { StackError } from "../stack/machine/errors.ts";
import { tidyDump } from "./generate_schema.ts";

const object = (name: string, type: string, statement: string) =>
  `--\n-- Name: ${name}; Type: ${type}; Schema: public; Owner: -\n--\n\n${statement}\n\n\n`;

const dump = (key: string, version: string, ...objects: string[]) =>
  `--
-- PostgreSQL database dump
--

\\restrict ${key}

-- Dumped from database version ${version}
-- Dumped by pg_dump version ${version}

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

${objects.join("")}--
-- PostgreSQL database dump complete
--

\\unrestrict ${key}
`;

const BODY = `CREATE FUNCTION public.f() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
begin
  -- Name: no heading; Type: of a person


  perform 1;
end
$$;`;
const OBJECTS = [
  object("public", "SCHEMA", "CREATE SCHEMA public;"),
  object("SCHEMA public", "COMMENT", "COMMENT ON SCHEMA public IS 'standard public schema';"),
  object("f()", "FUNCTION", BODY),
  object("FUNCTION f()", "COMMENT", "COMMENT ON FUNCTION public.f() IS 'It; does: nothing.';"),
  "SET default_table_access_method = heap;\n\n",
  object("t", "TABLE", "CREATE TABLE public.t (\n    id uuid\n);"),
  object("t reads", "POLICY", "CREATE POLICY reads ON public.t;"),
];

Deno.test("tidyDump() says the same whatever the machine, in sections, and changes no statement", () => {
  const schema = tidyDump(dump("Ab3", "15.20 (Debian)", ...OBJECTS));
  assertEquals(schema, tidyDump(dump("Cd4", "15.1", ...OBJECTS)));
  assertEquals(
    schema.split("\n\n").slice(1).join("\n\n"),
    `-- Tables

CREATE TABLE public.t (
    id uuid
);

-- Functions

${BODY}

COMMENT ON FUNCTION public.f() IS 'It; does: nothing.';

-- Row level security

CREATE POLICY reads ON public.t;
`,
  );
});

Deno.test("tidyDump() leaves out nothing that it does not know", () => {
  const rule = object("r", "RULE", "CREATE RULE r AS ON SELECT TO public.t DO NOTHING;");
  assertThrows(() => tidyDump(dump("a", "15", rule)), StackError, "RULE");
});
