/**
 * `deno task preview`: says whom hlf-sync would show and hide if it were switched on now, and sends nothing. `DATABASE_URL` is that of
 * the owner, `postgres`; the settings of Dynamics are the function's.
 *
 * @module
 */
import { runCli } from "../cli/run_cli.ts";
import { OperationError } from "../cli/errors.ts";
import { explainDatabase, openDatabase } from "../cli/open_database.ts";
import { connectFromEnvironment } from "./connect.ts";
import { preview } from "./preview.ts";
import { describe } from "./report.ts";

async function main(): Promise<number> {
  const databaseUrl = Deno.env.get("DATABASE_URL");
  if (!databaseUrl) {
    throw new OperationError("usage", "DATABASE_URL is missing: the owner's connection string");
  }
  const dataverse = connectFromEnvironment(Deno.env.toObject());
  const sql = openDatabase(databaseUrl);
  try {
    await sql`select 1`.catch((error) => {
      throw explainDatabase(error);
    });
    for (const line of describe(await preview(sql, dataverse))) console.log(line);
    return 0;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

if (import.meta.main) await runCli(main);
