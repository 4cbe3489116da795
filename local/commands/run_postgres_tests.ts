/**
 * What needs a PostgreSQL server, on one that is started from installed programs: the Supabase CLI pushes the
 * migrations and finds nothing to complain about, the types are current, pgTAP, and end to end.
 *
 * @module
 */
import { startPostgresServer } from "../postgres/server.ts";
import { bootstrapDatabase } from "../stack/bootstrap.ts";
import { openPostgresDatabase } from "../stack/postgres_database.ts";
import { projectPath } from "../stack/project_path.ts";
import { readSqlFiles } from "../stack/sql_files.ts";
import { runCommand } from "./run_command.ts";
import { denoStep, denoTestStep, runSteps, type Step } from "./steps.ts";
import { SUPABASE_CLI } from "./supabase_cli.ts";
import { END_TO_END, SCENARIOS } from "./test_files.ts";
import { readPgProveTotals } from "./totals.ts";

function cliStep(title: string, args: readonly string[], databaseUrl: string): Step {
  return {
    title,
    command: "npx",
    args: ["-y", SUPABASE_CLI, ...args, `--remote=${databaseUrl}`],
    environment: { DO_NOT_TRACK: "1" },
  };
}

async function pgProveStep(databaseUrl: string): Promise<Step> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const directory = "supabase/tests/database";
  const files = await readSqlFiles(projectPath(directory));
  return {
    title: "pgTAP with pg_prove",
    command: "pg_prove",
    args: files.map(({ name }) => `${directory}/${name}`),
    environment: {
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: username,
      PGPASSWORD: password,
      PGDATABASE: pathname.slice(1),
    },
    totals: readPgProveTotals,
  };
}

await runCommand(async () => {
  const server = await startPostgresServer();
  try {
    const { databaseUrl } = server;
    const database = await openPostgresDatabase(databaseUrl);
    await bootstrapDatabase(database);
    await database.close();
    return await runSteps([
      cliStep("supabase db push", ["db", "push", "--yes"], databaseUrl),
      cliStep(
        "supabase db lint",
        ["db", "lint", "--level=warning", "--fail-on=warning"],
        databaseUrl,
      ),
      denoStep("Types of the database", ["run", "-A", "local/commands/types.ts", "--check"]),
      await pgProveStep(databaseUrl),
      // After pgTAP, which uses every index: an index that nobody has used is a finding at this level.
      cliStep(
        "supabase db advisors",
        ["db", "advisors", "--level=info", "--fail-on=info"],
        databaseUrl,
      ),
      denoTestStep("Deploying with the Supabase CLI", ["operations/deploy/cli"]),
      denoTestStep("Tests on the server", ["local/postgres"]),
      denoTestStep("End to end on the server", END_TO_END, {
        environment: { HLF_DB: "postgres" },
      }),
      denoTestStep("Scenarios with several workers on the server", SCENARIOS, {
        environment: { HLF_DB: "postgres" },
      }),
    ]);
  } finally {
    await server.stop();
  }
});
