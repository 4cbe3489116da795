import type postgres from "postgres";
import { z } from "zod";
import { isThisMachine } from "../cli/this_machine.ts";
import { type Check, check, found, type Outcome } from "./finding.ts";
import { rows } from "./rows.ts";
import { putIntoVault } from "./secrets_check.ts";

/** Reference id of a hosted project, as it stands in the URLs of a database; null where none does. */
export function projectOfDatabase(databaseUrl: string): string | null {
  const { hostname, username } = new URL(databaseUrl);
  return hostname.match(/^db\.([a-z0-9]+)\.supabase\.(?:co|in)$/)?.[1] ??
    // Of a pooler, which many projects share.
    (/\.pooler\.supabase\.com$/.test(hostname)
      ? decodeURIComponent(username).match(/\.([a-z0-9]+)$/)?.[1]
      : undefined) ??
    null;
}

/** The same of the URL of a function. */
export function projectOfFunction(functionUrl: string): string | null {
  return new URL(functionUrl).hostname
    .match(/^([a-z0-9]+)\.(?:functions\.)?supabase\.(?:co|in)$/)?.[1] ?? null;
}

/** What both URLs say by themselves: `{}` that they are of one project, `unseen` that they do not say. */
export function compareProjects(databaseUrl: string, functionUrl: string): Outcome {
  const database = projectOfDatabase(databaseUrl);
  const called = projectOfFunction(functionUrl);
  const { protocol, hostname } = new URL(functionUrl);
  const isHere = isThisMachine(hostname) || hostname === "host.docker.internal";
  const isDatabaseHere = isThisMachine(new URL(databaseUrl).hostname);
  const right = database === null
    ? undefined
    : `https://${database}.supabase.co/functions/v1/hlf-sync`;
  const remedy = { sql: putIntoVault("hlf_sync_function_url", true, right) };
  if (database !== null && called !== null && database !== called) {
    return found(
      `The database is that of project ${database}, but it calls the function of ${called}.`,
      remedy,
    );
  }
  if (isHere && !isDatabaseHere) {
    return found("The URL in Vault leads to the database's own machine.", remedy);
  }
  if (protocol !== "https:" && !isHere) {
    return found("The URL in Vault is not encrypted (https).", remedy);
  }
  if ((database !== null && database === called) || (isHere && isDatabaseHere)) return {};
  return { unseen: ["one of the two URLs does not say which project it belongs to"] };
}

const project = z.object({
  url: z.string().nullable(),
  is_foreign: z.boolean(),
  is_confirmed: z.boolean(),
  may_send: z.boolean(),
});

/** A copy of a database has the secrets of the project that it was copied from, and calls its function. */
export function projectCheck(sql: postgres.Sql, databaseUrl: string): Check {
  return check("The function that the database calls is that of its own project", async () => {
    const [known] = await rows(
      project,
      sql`
        select hlf_sync.callable_url('hlf_sync_function_url') as url, p.is_foreign,
          coalesce(p.server = hlf_sync.server_mark(), false) as is_confirmed, hlf_sync.may_send() as may_send
        from hlf_sync.project as p`,
    );
    if (typeof known?.url !== "string" || !URL.canParse(known.url)) {
      return { unchecked: ["hlf_sync_function_url in Vault cannot be used"] };
    }
    if (known.is_foreign) return foreign(databaseUrl);
    const compared = compareProjects(databaseUrl, known.url);
    // The function itself has said that it works on this very database.
    if (known.is_confirmed && (compared.findings ?? []).length === 0) return {};
    return known.may_send ? compared : {
      ...compared,
      unchecked: [
        "the server was started anew, and the function has not said yet whether it works on it; " +
        "look again in two minutes",
      ],
    };
  });
}

function foreign(databaseUrl: string): Outcome {
  const origin = `https://${projectOfDatabase(databaseUrl) ?? "<ref>"}.supabase.co`;
  return found(
    "This database is a copy of another project's, so it sends nothing. If it is to be " +
      "a project of its own: once Vault and the function's settings are its own,",
    { sql: `select hlf_sync.set_project('${origin}')` },
  );
}
