import { assertEquals, assertRejects } from "@std/assert";
import { StackError } from "../../stack/machine/errors.ts";
import { applyMigrations } from "../../stack/database/migrations.ts";
import { openPgliteDatabase } from "../../stack/database/pglite_database.ts";

async function withDirectory(
  files: Record<string, string>,
  use: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    for (const [name, sql] of Object.entries(files)) {
      await Deno.writeTextFile(`${directory}/${name}`, sql);
    }
    await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("applyMigrations() applies each file once, in order, and records it as the CLI does", async () => {
  const database = await openPgliteDatabase();
  const files = {
    "20260102000000_add_column.sql": "alter table one add column note text default 'it''s';",
    "20260101000000_create_one.sql": "create table one (id int) -- no semicolon",
    "README.md": "not a migration",
  };
  await withDirectory(files, async (directory) => {
    assertEquals(await applyMigrations(database, directory), ["20260101000000", "20260102000000"]);
    assertEquals(await applyMigrations(database, directory), []);
  });
  assertEquals(
    await database.query(
      "select version, name, statements from supabase_migrations.schema_migrations order by version",
    ),
    [
      {
        version: "20260101000000",
        name: "create_one",
        statements: [files["20260101000000_create_one.sql"]],
      },
      {
        version: "20260102000000",
        name: "add_column",
        statements: [files["20260102000000_add_column.sql"]],
      },
    ],
  );
  await database.close();
});

Deno.test("applyMigrations() leaves nothing of a migration that fails, and names it", async () => {
  const database = await openPgliteDatabase();
  const files = { "20260101000000_break.sql": "create table half (id int); select 1/0;" };
  await withDirectory(files, async (directory) => {
    const error = await assertRejects(() => applyMigrations(database, directory), StackError);
    assertEquals(error.message, "Cannot apply 20260101000000_break.sql: division by zero");
  });
  assertEquals(await database.query("select to_regclass('half') as half"), [{ half: null }]);
  assertEquals(await database.query("select from supabase_migrations.schema_migrations"), []);
  await database.close();
});
