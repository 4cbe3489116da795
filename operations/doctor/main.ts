/**
 * Checks a deployment and says for each finding what to do: `DATABASE_URL=… deno task doctor`.
 *
 * `DATABASE_URL` is that of the owner, `postgres`. With the function's own `DYNAMICS_…` settings in the
 * environment it looks at the listings, too.
 *
 * @module
 */
import { systemClock } from "../../supabase/functions/_shared/clock.ts";
import { createDataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import { createTokenSource } from "../../supabase/functions/_shared/dataverse/token.ts";
import { SettingsError } from "../../supabase/functions/_shared/errors.ts";
import { readSettings } from "../../supabase/functions/_shared/settings.ts";
import { endWith } from "../end_with.ts";
import { OperationError } from "../errors.ts";
import { explainDatabase, openDatabase } from "../open_database.ts";
import { databaseChecks } from "./database_checks.ts";
import { type Check, examine } from "./finding.ts";
import { functionCheck } from "./function_check.ts";
import { listingsCheck } from "./listings_check.ts";

async function migrationVersions(): Promise<string[]> {
  const versions: string[] = [];
  for await (
    const { name } of Deno.readDir(new URL("../../supabase/migrations", import.meta.url))
  ) {
    const version = name.match(/^(\d{14})_.*\.sql$/)?.[1];
    if (version !== undefined) versions.push(version);
  }
  return versions.sort();
}

/** Only where the settings of Dynamics are at hand; the function has its own. */
function dynamicsChecks(environment: Record<string, string>): Check[] {
  if (environment.DYNAMICS_CLIENT_SECRET === undefined) return [];
  try {
    const { dynamics, sync } = readSettings({
      ...environment,
      // Of the function's settings only those of Dynamics matter here.
      SUPABASE_URL: "http://127.0.0.1",
      SUPABASE_SECRET_KEYS: '{"default":"sb_secret_none"}',
      SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_none"}',
    });
    const timeoutSeconds = sync.requestTimeoutSeconds;
    const outside = { fetch, clock: systemClock };
    const tokens = createTokenSource(
      { ...dynamics, resourceUrl: dynamics.url, timeoutSeconds },
      outside,
    );
    return [
      listingsCheck(createDataverseClient({ ...dynamics, timeoutSeconds }, { ...outside, tokens })),
    ];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new OperationError("usage", error.problems.join("\n"));
  }
}

await endWith(async () => {
  const url = Deno.env.get("DATABASE_URL");
  if (!url) {
    throw new OperationError("usage", "DATABASE_URL is missing: the owner's connection string");
  }
  const sql = openDatabase(url);
  try {
    await sql`select 1`;
  } catch (error) {
    await sql.end({ timeout: 1 });
    throw explainDatabase(error);
  }
  try {
    const ailing = await examine([
      ...databaseChecks(sql, await migrationVersions()),
      functionCheck(sql, fetch),
      ...dynamicsChecks(Deno.env.toObject()),
    ], console.log);
    console.log(ailing === 0 ? "\nAll is well." : `\n${ailing} checks found something.`);
    return ailing === 0 ? 0 : 1;
  } catch (error) {
    throw explainDatabase(error);
  } finally {
    await sql.end({ timeout: 5 });
  }
});
