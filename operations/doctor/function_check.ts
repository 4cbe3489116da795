import type postgres from "postgres";
import { z } from "zod";
import type { Check, Finding } from "./finding.ts";
import { SECRET_NAMES } from "./database_checks.ts";

const secretRows = z.array(z.object({ name: z.enum(SECRET_NAMES), secret: z.string() }));
const health = z.object({ dynamics: z.string() });

/** What to do about what the function's health check says of Dynamics. */
const REMEDIES: Readonly<Record<string, string>> = {
  credentials_rejected: "Renew the secret; see docs/operations.md.",
  forbidden: "The application user lacks its security role; see docs/deploying.md, 1.",
  timeout: "Dynamics does not answer; try again, then ask HLF's IT.",
  network: "DYNAMICS_URL or DYNAMICS_AUTHORITY_HOST is wrong, or Microsoft is out of reach.",
};

const TIMEOUT_MILLISECONDS = 30_000;

/**
 * Calls the function as the database does: with the URL and the key that Vault holds. Neither is
 * ever printed.
 */
export function functionCheck(sql: postgres.Sql, fetch: typeof globalThis.fetch): Check {
  return {
    title: "The function answers the database, and Dynamics the function",
    run: async () => {
      const rows = secretRows.parse([
        ...await sql`
          select name, decrypted_secret as secret from vault.decrypted_secrets
          where name in ${sql([...SECRET_NAMES])}`,
      ]);
      const secrets = new Map(rows.map(({ name, secret }) => [name, secret]));
      const url = secrets.get("hlf_sync_function_url");
      const key = secrets.get("hlf_sync_secret_key");
      if (url && key) return await ask(fetch, url, key);
      return [{
        problem: "The function was not asked: its URL or key is missing in Vault.",
        remedy: "See docs/deploying.md, 3, then look again.",
      }];
    },
  };
}

async function ask(
  fetch: typeof globalThis.fetch,
  url: string,
  key: string,
): Promise<Finding[]> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { apikey: key, "content-type": "application/json" },
      body: JSON.stringify({ type: "health" }),
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    });
    text = await response.text();
  } catch {
    return [{
      problem: "Nothing answers at the URL in Vault.",
      remedy: "Correct hlf_sync_function_url: https://<ref>.supabase.co/functions/v1/hlf-sync",
    }];
  }
  if (response.ok) return [];
  if (response.status === 401) {
    return [{
      problem: "The function does not accept the key in Vault.",
      remedy: "Put a secret key of this project into hlf_sync_secret_key.",
    }];
  }
  const dynamics = readHealth(text);
  if (dynamics !== null) {
    return [{
      problem: `The function works, but Dynamics does not: ${dynamics}.`,
      remedy: REMEDIES[dynamics] ?? "docs/operations.md explains the error classes.",
    }];
  }
  return [{
    problem: `The function answers ${response.status} to a health check.`,
    remedy: response.status === 404
      ? "npx -y deno@2.9.6 task function:deploy"
      : "Look at its log: a line settings_invalid names every setting that is wrong.",
  }];
}

function readHealth(text: string): string | null {
  try {
    return health.parse(JSON.parse(text)).dynamics;
  } catch {
    return null;
  }
}
