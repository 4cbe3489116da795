/**
 * Brings an empty PostgreSQL database to the current schema, with the seed: `deno task db:reset <postgres-url>`.
 *
 * @module
 */
import type { StackDatabase } from "../stack/database/database.ts";
import { StackError } from "../stack/machine/errors.ts";
import { applySeed } from "../stack/database/migrations.ts";
import { openPostgresDatabase } from "../stack/database/postgres_database.ts";
import { prepareDatabase } from "../stack/database/prepare_database.ts";
import { runCommand } from "./run_command.ts";

/** Nothing is ever deleted: a database that holds anything, even an older state of this schema, is left alone. */
async function assertEmpty(database: StackDatabase): Promise<void> {
  const found = await database.query<{ name: string }>(`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and n.nspname not like 'pg\\_temp%'
      and not exists (select from pg_depend where objid = c.oid and deptype = 'e')
    order by name limit 1`);
  if (found[0] === undefined) return;
  throw new StackError(
    `The database is not empty (it has ${
      found[0].name
    }), so it was left as it is; make a new one with createdb`,
    "not_empty",
  );
}

await runCommand(async () => {
  const [url, ...others] = Deno.args;
  if (url === undefined || others.length > 0 || !/^postgres(ql)?:\/\//.test(url)) {
    throw new StackError(
      "Usage: deno task db:reset postgresql://user@host:port/database",
      "bad_setting",
    );
  }
  const database = await openPostgresDatabase(url).catch((error) => {
    // The URL may hold a password, so it is not repeated.
    const reason = error instanceof Error ? error.message || error.name : String(error);
    throw new StackError(`Cannot connect to the database: ${reason}`, "bad_setting", {
      cause: error,
    });
  });
  try {
    await assertEmpty(database);
    console.log("Bootstrap and migrations …");
    await prepareDatabase(database);
    console.log("Seed …");
    await applySeed(database);
    console.log("The database has the current schema and the seed.");
    return 0;
  } finally {
    await database.close();
  }
});
