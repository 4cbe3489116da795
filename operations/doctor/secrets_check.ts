import type postgres from "postgres";
import { z } from "zod";
import { type Check, check, type Finding } from "./finding.ts";
import { rows } from "./rows.ts";

const EXAMPLES: Readonly<Record<string, string>> = {
  hlf_sync_function_url: "https://<ref>.supabase.co/functions/v1/hlf-sync",
  hlf_sync_secret_key: "sb_secret_…",
};

/** A statement that puts a value into Vault, whether the name is there already or not. */
export function putIntoVault(name: string, isThere: boolean, value?: string): string {
  const text = value ?? EXAMPLES[name] ?? "https://…";
  return isThere
    ? `select vault.update_secret((select id from vault.secrets where name = '${name}'), '${text}')`
    : `select vault.create_secret('${text}', '${name}')`;
}

const entry = z.object({ name: z.string(), is_surrounded: z.boolean() });

/** Whether the database can use its secrets as they are. No value of one ever leaves the database. */
export function secretsCheck(sql: postgres.Sql): Check {
  return check("Vault holds what the database calls with, without white space", async () => {
    const unusable = await rows(
      z.object({ name: z.string(), is_there: z.boolean() }),
      sql`
        select u.name, exists (select from vault.secrets as s where s.name = u.name) as is_there
        from hlf_sync.unusable_secrets() as u (name)
        order by 1`,
    );
    const isUnusable = new Set(unusable.map(({ name }) => name));
    const entries = await readEntries(sql);
    const findings = unusable.map(({ name, is_there }) =>
      describeUnusable(name, is_there, entries)
    );
    for (const { name, is_surrounded } of entries ?? []) {
      // What is unusable is put in anew anyway.
      if (!is_surrounded || isUnusable.has(name)) continue;
      findings.push({
        problem: `${name} has white space around it.`,
        remedy: {
          sql:
            `select vault.update_secret(id, hlf_sync.secret(name)) from vault.secrets where name = '${name}'`,
        },
      });
    }
    return { findings };
  });
}

/** Null when Vault cannot decrypt. */
async function readEntries(sql: postgres.Sql): Promise<z.infer<typeof entry>[] | null> {
  try {
    return await rows(
      entry,
      sql`
        select name, decrypted_secret is distinct from hlf_sync.secret(name) as is_surrounded
        from vault.decrypted_secrets
        where name like 'hlf\\_sync\\_%' and decrypted_secret <> ''
        order by 1`,
    );
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "22000") return null;
    throw error;
  }
}

function describeUnusable(
  name: string,
  isThere: boolean,
  entries: readonly z.infer<typeof entry>[] | null,
): Finding {
  if (!isThere) {
    return {
      problem: `${name} is missing.`,
      remedy: { sql: putIntoVault(name, false) },
    };
  }
  if (entries === null) {
    return {
      problem: `${name} cannot be decrypted.`,
      // Vault reads the old value before it writes a new one, so it has to go first.
      remedy: {
        sql: `delete from vault.secrets where name = '${name}'; ${putIntoVault(name, false)}`,
      },
    };
  }
  if (!entries.some((known) => known.name === name)) {
    return { problem: `${name} is empty.`, remedy: { sql: putIntoVault(name, true) } };
  }
  return {
    problem: name === "hlf_sync_secret_key"
      ? `${name} is no key: it has white space or other characters in it that no header may have.`
      : `${name} is no URL that pg_net takes.`,
    remedy: { sql: putIntoVault(name, true) },
  };
}
