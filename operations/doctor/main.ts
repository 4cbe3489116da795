/**
 * Checks a deployment and says for each finding what mends it: `DATABASE_URL=… deno task doctor [--test-alert]`.
 *
 * `DATABASE_URL` is that of the owner, `postgres`. With the function's own `DYNAMICS_…` settings in the environment it
 * looks at the listings, too. `--test-alert` sends a line to where alerts go.
 *
 * @module
 */
import { systemSleep } from "../../supabase/functions/_shared/clock.ts";
import { requireDatabaseUrl, withDatabase } from "../cli/open_database.ts";
import { runCli } from "../cli/run_cli.ts";
import { readCoreMigrations } from "../core_migrations.ts";
import { readArguments } from "./arguments.ts";
import { allChecks } from "./checks.ts";
import { examine, exitCode, summarise } from "./examine.ts";

await runCli(async () => {
  const args = readArguments(Deno.args);
  const databaseUrl = requireDatabaseUrl();
  return await withDatabase(databaseUrl, async (sql) => {
    const checks = allChecks({
      sql,
      databaseUrl,
      migrations: await readCoreMigrations(),
      environment: Deno.env.toObject(),
      args,
      now: Date.now,
      waiting: { sleep: (milliseconds) => systemSleep(milliseconds / 1000) },
    });
    const summary = await examine(checks, console.log);
    console.log(`\n${summarise(summary)}`);
    return exitCode(summary);
  });
});
