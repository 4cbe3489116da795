import { getAuthSchemaSql } from "@supabase/lite";
import type { Extensions, PGlite } from "@electric-sql/pglite";
import { projectPath } from "../machine/project_path.ts";
import { readSqlFiles } from "../machine/sql_files.ts";
import type { DefaultPrivileges } from "./bootstrap.ts";
import type { StackDatabase } from "./database.ts";
import { openPgliteDatabase } from "./pglite_database.ts";
import { PGLITE_VERSION } from "./pglite_template.ts";
import { prepareDatabase } from "./prepare_database.ts";

interface PreparedOptions {
  readonly extensions?: Extensions;
  readonly defaultPrivileges?: DefaultPrivileges;
}

/**
 * Opens a PGlite with the current schema: bootstrap and migrations.
 *
 * They take seconds, so what they came to is kept in `stack/.data/` until a line of their SQL changes.
 */
export async function openPreparedPglite(
  { extensions, defaultPrivileges = "closed" }: PreparedOptions = {},
): Promise<StackDatabase> {
  const path = projectPath(`stack/.data/prepared-${await digestSql(defaultPrivileges)}.tar`);
  const kept = await readIfThere(path);
  const database = await openPgliteDatabase({
    ...(extensions === undefined ? {} : { extensions }),
    ...(kept === null ? {} : { dataDirectory: kept }),
  });
  // What is in the archive already it leaves alone; a session's own settings are in none.
  await prepareDatabase(database, { defaultPrivileges });
  if (kept === null) await keep(database, path);
  else await database.runAsPlatform(MADE_JUST_NOW);
  return database;
}

/** The rows that migrations make with the time of their making have to look as if that were now. */
const MADE_JUST_NOW = `
do $$
declare
  made record;
  has_rows boolean;
begin
  for made in
    select c.oid::regclass as made_in, a.attname
    from pg_catalog.pg_attrdef as d
    join pg_catalog.pg_attribute as a on a.attrelid = d.adrelid and a.attnum = d.adnum
    join pg_catalog.pg_class as c on c.oid = d.adrelid
    where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'hlf_sync'::regnamespace)
      and pg_catalog.pg_get_expr(d.adbin, d.adrelid) = 'now()'
  loop
    execute format('select exists (select from %s)', made.made_in) into has_rows;
    continue when not has_rows;
    execute format('update %s set %I = default where true', made.made_in, made.attname);
  end loop;
end
$$;`;

async function digestSql(defaultPrivileges: DefaultPrivileges): Promise<string> {
  const files = [
    ...await readSqlFiles(projectPath("stack/database/bootstrap")),
    ...await readSqlFiles(projectPath("stack/database")),
    ...await readSqlFiles(projectPath("supabase/migrations")),
  ];
  const all = JSON.stringify([PGLITE_VERSION, defaultPrivileges, getAuthSchemaSql(), files]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(all));
  return new Uint8Array(digest).toHex().slice(0, 16);
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function keep(database: StackDatabase, path: string): Promise<void> {
  const pglite = database.connection.driver as PGlite;
  const archive = await database.exclusively(() => pglite.dumpDataDir("none"));
  // Several stacks may start at once: each keeps its own, and the last rename wins.
  const unfinished = `${path}.${crypto.randomUUID()}`;
  await Deno.writeFile(unfinished, archive.stream());
  await Deno.rename(unfinished, path);
}
