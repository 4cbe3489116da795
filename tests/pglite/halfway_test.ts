import { assertEquals } from "@std/assert";
import { bootstrapDatabase } from "../../stack/database/bootstrap.ts";
import { applyMigrations } from "../../stack/database/migrations.ts";
import { openPgliteDatabase } from "../../stack/database/pglite_database.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import { readSqlFiles } from "../../stack/machine/sql_files.ts";

/** What somebody could get at: the schema hlf_sync, or a table or view of `public` that asks nobody who reads it. */
const OPEN = `
  select 'schema hlf_sync, to ' || role as name
  from unnest(array['anon', 'authenticated']) as role
  where has_schema_privilege(role, 'hlf_sync', 'usage')
  union all
  select c.oid::regclass::text
  from pg_class as c
  where c.relnamespace = 'public'::regnamespace
    and (
      c.relkind in ('r', 'p') and not c.relrowsecurity
      or c.relkind = 'v' and not coalesce(c.reloptions @> '{security_invoker=true}', false)
    )`;

Deno.test("a push that stops after any migration leaves nothing open, even where new tables are", async () => {
  const database = await openPgliteDatabase();
  const directory = await Deno.makeTempDir();
  try {
    await bootstrapDatabase(database, { defaultPrivileges: "open" });
    const open: Record<string, unknown[]> = {};
    for (const { name, sql } of await readSqlFiles(projectPath("supabase/migrations"))) {
      if (name.endsWith("_views_and_privileges.sql")) break;
      await Deno.writeTextFile(`${directory}/${name}`, sql);
      await applyMigrations(database, directory);
      open[name] = await database.query(OPEN);
    }
    assertEquals(Object.entries(open).filter(([, found]) => found.length > 0), []);
    assertEquals(Object.keys(open).length > 10, true);
  } finally {
    await Deno.remove(directory, { recursive: true });
    await database.close();
  }
});
