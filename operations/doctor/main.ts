/**
 * Checks a deployment and says for each finding what mends it: `DATABASE_URL=… deno task doctor [--test-alert]`.
 *
 * `DATABASE_URL` is that of the owner, `postgres`. With the function's own `DYNAMICS_…` settings in the environment it
 * looks at the listings, too. `--test-alert` sends a line to where alerts go.
 *
 * @module
 */
import { runCli } from "../cli/run_cli.ts";
import { OperationError } from "../cli/errors.ts";
import { explainDatabase, openDatabase } from "../cli/open_database.ts";
import { readArguments } from "./arguments.ts";
import { allChecks } from "./checks.ts";
import { examine, exitCode, summarise } from "./examine.ts";
import { readCoreMigrations } from "../core_migrations.ts";

await runCli(async () => {
  const args = readArguments(Deno.args);
  const databaseUrl = Deno.env.get("DATABASE_URL");
  if (!databaseUrl) {
    throw new OperationError("usage", "DATABASE_URL is missing: the owner's connection string");
  }
  const sql = openDatabase(databaseUrl);
  try {
    await sql`select 1`.catch((error) => {
      throw explainDatabase(error);
    });
    const summary = await examine(
      allChecks({
        sql,
        databaseUrl,
        migrations: await readCoreMigrations(),
        environment: Deno.env.toObject(),
        args,
        now: Date.now,
        waiting: { sleep: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)) },
      }),
      console.log,
    );
    console.log(`\n${summarise(summary)}`);
    return exitCode(summary);
  } finally {
    await sql.end({ timeout: 1 });
  }
});
