import { assertEquals } from "@std/assert";
import { projectPath } from "./machine/project_path.ts";
import { readSqlFiles } from "./machine/sql_files.ts";

const OF_THE_APP =
  /\bpublic\.(mentors|organisations|organisation_members|mentor_status|organisation_role)\b/;

Deno.test("Nothing but the bundled app and its adapter names a table of the app's", async () => {
  const files = await readSqlFiles(projectPath("supabase/migrations"));
  const naming = files.filter(({ sql }) => OF_THE_APP.test(sql)).map(({ name }) => name);
  assertEquals(naming.map((name) => name.replace(/^\d+_|\.sql$/g, "")), [
    "bundled_app",
    "bundled_adapter",
  ]);
});
