/**
 * What needs a PostgreSQL server, on one that is started from installed programs: the Supabase CLI pushes the
 * migrations as `postgres`, who is no superuser, and finds nothing to complain about, the types and `schema.sql` are current,
 * pgTAP, and end to end; the bench works. pgTAP, adopting and end to end also on npm's PostgreSQL 17, which hosted projects run.
 *
 * @module
 */
import { startPostgresServer } from "../stack/postgres/server.ts";
import { bootstrapDatabase } from "../stack/database/bootstrap.ts";
import { openPostgresDatabase } from "../stack/database/postgres_database.ts";
import { projectPath } from "../stack/machine/project_path.ts";
import { readSqlFiles } from "../stack/machine/sql_files.ts";
import { runCommand } from "./run_command.ts";
import {
  denoStackTestStep,
  denoStep,
  denoTestStep,
  denoTestsTogetherStep,
  runSteps,
  type Step,
} from "./steps.ts";
import { SUPABASE_CLI } from "./supabase_cli.ts";
import { ENGINE, ON_A_SERVER, OUTAGES, PEOPLE, SCENARIOS, testFiles } from "./test_files.ts";
import { readPgProveTotals, readSummaryTotals } from "./totals.ts";

const ON_15 = { HLF_DB: "postgres" };
/** npm's server in place of an installed one. */
const ON_17 = { HLF_DB: "postgres", HLF_POSTGRES: "npm" };

function pgTapStep(title: string, args: readonly string[]): Step {
  return denoStep(title, ["run", "-A", "tasks/pgtap.ts", ...args], {
    environment: ON_17,
    totals: readSummaryTotals,
  });
}

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
    title: "pgTAP with pg_prove, where new tables are open to everybody",
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

async function onServers(
  title: string,
  folders: readonly string[],
  environment: Readonly<Record<string, string>>,
  without: readonly string[] = [],
): Promise<Step> {
  return denoTestsTogetherStep(title, await testFiles(folders, without), environment);
}

await runCommand(async () => {
  const server = await startPostgresServer({ keepsPlans: true, runsJobs: false });
  try {
    const { databaseUrl } = server;
    const database = await openPostgresDatabase(databaseUrl);
    await bootstrapDatabase(database, { defaultPrivileges: "open" });
    // Hosted, supautils lets the owner make them: what pgTAP and the CLI's lint work with.
    await database.runAsPlatform(`
      create extension pgtap with schema extensions;
      create extension plpgsql_check with schema extensions;`);
    await database.close();
    const onTheServer = [
      cliStep("supabase db push", ["db", "push", "--yes"], databaseUrl),
      cliStep(
        "supabase db lint",
        ["db", "lint", "--level=warning", "--fail-on=warning"],
        databaseUrl,
      ),
      denoStep("Types of the database", ["run", "-A", "tasks/types.ts", "--check"]),
      denoStep("The database in one file", ["run", "-A", "tasks/schema.ts", "--check"]),
      await pgProveStep(databaseUrl),
      // After pgTAP, which uses every index: an index that nobody has used is a finding at this level.
      cliStep(
        "supabase db advisors",
        ["db", "advisors", "--level=info", "--fail-on=info"],
        databaseUrl,
      ),
      pgTapStep("pgTAP on PostgreSQL 17, where new tables are closed", []),
      pgTapStep("pgTAP on PostgreSQL 17, where they are open", ["--open"]),
      denoTestStep(
        "Adopting on PostgreSQL 17",
        ["--filter=host c", "tests/hosts/hosts_test.ts"],
        { environment: ON_17 },
      ),
      denoTestStep("Scenarios with several workers on the server", SCENARIOS, {
        environment: ON_15,
      }),
      // Nobody runs all of it often enough to see that one of its parts breaks another.
      denoStep("The bench, in small", ["run", "-A", "bench/main.ts", "--quick"]),
    ];
    return await runSteps(onTheServer, [
      await onServers("The engine on the server", ENGINE, ON_15),
      // Except the two longest, which are played on the other server.
      await onServers("The engine on PostgreSQL 17", ENGINE, ON_17, OUTAGES),
    ], [
      denoStackTestStep("Tests on the server", ON_A_SERVER, {}),
      await onServers("What people do on the server", PEOPLE, ON_15),
      await onServers("What people do on PostgreSQL 17", PEOPLE, ON_17, [
        "tests/personal_data/personal_data_test.ts",
      ]),
    ]);
  } finally {
    await server.stop();
  }
});
