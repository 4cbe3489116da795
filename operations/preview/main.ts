/**
 * `deno task preview`: says whom hlf-sync would show and hide if it were switched on now, and sends nothing. `DATABASE_URL` is that of
 * the owner, `postgres`; the settings of Dynamics are the function's.
 *
 * @module
 */
import { SettingsError } from "../../supabase/functions/_shared/errors.ts";
import { connectFromEnvironment } from "../cli/connect_dataverse.ts";
import { OperationError } from "../cli/errors.ts";
import { requireDatabaseUrl, withDatabase } from "../cli/open_database.ts";
import { runCli } from "../cli/run_cli.ts";
import { preview } from "./preview.ts";
import { describe } from "./report.ts";

async function main(): Promise<number> {
  const databaseUrl = requireDatabaseUrl();
  const dataverse = connect();
  await withDatabase(databaseUrl, async (sql) => {
    for (const line of describe(await preview(sql, dataverse))) console.log(line);
  });
  return 0;
}

function connect() {
  try {
    return connectFromEnvironment(Deno.env.toObject());
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new OperationError("usage", error.problems.join("\n"), { cause: error });
  }
}

if (import.meta.main) await runCli(main);
