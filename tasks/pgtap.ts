/**
 * Runs the pgTAP files, or those that have one of the words in their name, on a database with the migrations and nothing
 * else: a PGlite, or with `HLF_DB=postgres` one of a server of its own, as `postgres`, who is no superuser there. With
 * `--open` new tables are given to everybody, as on hosted projects until 2026.
 *
 * @module
 */
import { pgtap } from "@electric-sql/pglite/pgtap";
import type { PGlite } from "@electric-sql/pglite";
import { startPostgresServer } from "../stack/postgres/server.ts";
import type { DefaultPrivileges } from "../stack/database/bootstrap.ts";
import { readDatabaseKind } from "../stack/configured_stack.ts";
import { openPreparedPglite } from "../stack/database/prepared_pglite.ts";
import { openPostgresDatabase } from "../stack/database/postgres_database.ts";
import { prepareDatabase } from "../stack/database/prepare_database.ts";
import { projectPath } from "../stack/machine/project_path.ts";
import { readSqlFiles, type SqlFile } from "../stack/machine/sql_files.ts";
import { runCommand } from "./run_command.ts";
import { firstColumn, onServer, type RunFile, runPgTapFile } from "./pgtap_file.ts";
import type { TapResult } from "./tap.ts";
import { named } from "./test_files.ts";
import { addTotals } from "./totals.ts";

async function withPglite(
  defaultPrivileges: DefaultPrivileges,
  use: (run: RunFile) => Promise<number>,
): Promise<number> {
  const database = await openPreparedPglite({ extensions: { pgtap }, defaultPrivileges });
  const pglite = database.connection.driver as PGlite;
  return await use(async (sql) => {
    try {
      const results = await pglite.exec(sql, { rowMode: "array" });
      return results.flatMap((result) => result.rows).map(firstColumn);
    } catch (error) {
      await pglite.exec("rollback");
      throw error;
    } finally {
      // pgTAP keeps its plan in temporary tables, and elsewhere each file has a session of its own.
      await pglite.exec("reset role; discard temp");
    }
  });
}

async function withServer(
  defaultPrivileges: DefaultPrivileges,
  use: (run: RunFile) => Promise<number>,
): Promise<number> {
  const server = await startPostgresServer({ keepsPlans: true, runsJobs: false });
  try {
    const database = await openPostgresDatabase(server.databaseUrl);
    await prepareDatabase(database, { defaultPrivileges });
    // Hosted, supautils lets the owner do this.
    await database.runAsPlatform("create extension pgtap with schema extensions");
    await database.close();
    return await use(onServer(server.databaseUrl));
  } finally {
    await server.stop();
  }
}

/** Helpers, which the files behind them need. */
const HELPERS = /^\d+_create_/;

async function chooseFiles(words: readonly string[]): Promise<SqlFile[]> {
  const files = await readSqlFiles(projectPath("supabase/tests/database"));
  const chosen = named(words, files.map(({ name }) => name));
  return files.filter(({ name }) => HELPERS.test(name) || chosen.includes(name));
}

await runCommand(async () => {
  const open = Deno.args.includes("--open") ? "open" : "closed";
  const files = await chooseFiles(Deno.args.filter((word) => word !== "--open"));
  const withDatabase = readDatabaseKind() === "pglite" ? withPglite : withServer;
  return await withDatabase(open, async (run) => {
    const results: TapResult[] = [];
    for (const { name, sql } of files) {
      const result = await runPgTapFile(run, sql);
      const word = result.failed === 0 ? "ok    " : "FAILED";
      console.log(`${word}  ${name} (${result.passed} passed)`);
      for (const problem of result.problems) console.log(`        ${problem}`);
      results.push(result);
    }
    const { passed, failed } = addTotals(results);
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 && results.length > 0 ? 0 : 1;
  });
});
