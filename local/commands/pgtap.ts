/**
 * Runs every pgTAP file in a PGlite with the migrations and nothing else. On a server, `pg_prove` runs them.
 *
 * @module
 */
import { pgtap } from "@electric-sql/pglite/pgtap";
import type { PGlite } from "@electric-sql/pglite";
import { openPgliteDatabase } from "../stack/pglite_database.ts";
import { prepareDatabase } from "../stack/prepare_database.ts";
import { projectPath } from "../stack/project_path.ts";
import { readSqlFiles } from "../stack/sql_files.ts";
import { runCommand } from "./run_command.ts";
import { readTap, type TapResult } from "./tap.ts";
import { addTotals } from "./totals.ts";

async function runFile(pglite: PGlite, sql: string): Promise<TapResult> {
  try {
    const results = await pglite.exec(sql, { rowMode: "array" });
    const rows: unknown[] = results.flatMap((result) => result.rows);
    return readTap(rows.map((row) => Array.isArray(row) ? String(row[0]) : ""));
  } catch (error) {
    await pglite.exec("rollback");
    const message = error instanceof Error ? error.message : String(error);
    return { passed: 0, failed: 1, problems: [`# the file ended early: ${message}`] };
  }
}

await runCommand(async () => {
  const database = await openPgliteDatabase({ extensions: { pgtap } });
  await prepareDatabase(database);
  const pglite = database.connection.driver as PGlite;
  const results: TapResult[] = [];
  for (const { name, sql } of await readSqlFiles(projectPath("supabase/tests/database"))) {
    const result = await runFile(pglite, sql);
    // pgTAP keeps its plan in temporary tables, and elsewhere each file has a session of its own.
    await pglite.exec("reset role; discard temp");
    console.log(`${result.failed === 0 ? "ok    " : "FAILED"}  ${name} (${result.passed} passed)`);
    for (const problem of result.problems) console.log(`        ${problem}`);
    results.push(result);
  }
  const { passed, failed } = addTotals(results);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && results.length > 0 ? 0 : 1;
});
