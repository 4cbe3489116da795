import type { StackDatabase } from "./database.ts";
import { StackError } from "../machine/errors.ts";
import { projectPath } from "../machine/project_path.ts";
import { readSqlFiles } from "../machine/sql_files.ts";

/** As the Supabase CLI makes it, so that `supabase migration list` and `db push` agree with what was applied here. */
const HISTORY = `
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
  version text not null primary key,
  statements text[],
  name text
);
`;

/**
 * Applies the migrations that the database does not have yet, in order; each is recorded with its work or not at all.
 * <https://supabase.com/docs/guides/deployment/database-migrations>
 *
 * @returns the versions applied
 * @throws {StackError} `migration_failed`, which names the file
 */
export async function applyMigrations(
  database: StackDatabase,
  directory = projectPath("supabase/migrations"),
): Promise<string[]> {
  await database.run(HISTORY);
  const rows = await database.query<{ version: string }>(
    "select version from supabase_migrations.schema_migrations",
  );
  const known = new Set(rows.map((row) => row.version));
  const applied: string[] = [];
  for (const { name, sql } of await readSqlFiles(directory)) {
    const [, version, title] = name.match(/^(\d+)_(.+)\.sql$/) ?? [];
    if (version === undefined || title === undefined || known.has(version)) continue;
    await runFile(database, name, `${sql}\n;\n${record(version, title, sql)}`);
    applied.push(version);
  }
  return applied;
}

/**
 * Runs `supabase/seed.sql`, all of it or nothing.
 *
 * @throws {StackError} `migration_failed`
 */
export async function applySeed(
  database: StackDatabase,
  path = projectPath("supabase/seed.sql"),
): Promise<void> {
  await runFile(database, "seed.sql", await Deno.readTextFile(path));
}

async function runFile(database: StackDatabase, name: string, sql: string): Promise<void> {
  try {
    await database.run(sql);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StackError(`Cannot apply ${name}: ${reason}`, "migration_failed", { cause: error });
  }
}

function record(version: string, title: string, sql: string): string {
  const values = [version, title, sql].map((text) => `'${text.replaceAll("'", "''")}'`);
  return `insert into supabase_migrations.schema_migrations (version, name, statements)
    values (${values[0]}, ${values[1]}, array[${values[2]}]);`;
}
