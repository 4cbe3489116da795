import { assert, assertEquals } from "@std/assert";
import { projectPath } from "./machine/project_path.ts";
import { readSqlFiles } from "./machine/sql_files.ts";

const OF_THE_APP =
  /\bpublic\.(mentors|organisations|organisation_members|mentor_status|organisation_role)\b/;

Deno.test("Nothing before the bundled app and its adapter names a table of the app's", async () => {
  const files = await readSqlFiles(projectPath("supabase/migrations"));
  const [app, adapter] = files.slice(-2);
  assert(app !== undefined && OF_THE_APP.test(app.sql), "the last but one is the app");
  assert(adapter !== undefined && OF_THE_APP.test(adapter.sql), "the last is its adapter");
  assertEquals(
    files.slice(0, -2).filter(({ sql }) => OF_THE_APP.test(sql)).map(({ name }) => name),
    [],
  );
});
