import type postgres from "postgres";
import { z } from "zod";
import { type Check, check, found, judge } from "./finding.ts";
import { deliver, type Waiting } from "./pg_net.ts";
import { readHealth } from "./read_health.ts";
import { rows } from "./rows.ts";
import { putIntoVault } from "./secrets_check.ts";

/**
 * Has the database call the function as the sweep does, with pg_net and what Vault holds, the function Dynamics, and then the
 * database again.
 * Nothing of Vault is ever printed.
 */
export function functionCheck(sql: postgres.Sql, waiting: Waiting): Check {
  return check("The database reaches the function, and the function Dynamics", async () => {
    const unusable = await sql`
      select from hlf_sync.unusable_secrets() as name
      where name in ('hlf_sync_function_url', 'hlf_sync_secret_key')`;
    if (unusable.length > 0) {
      return { unchecked: ["the function's URL or key in Vault cannot be used"] };
    }
    const silent = await sql`select where not hlf_sync.may_send()`;
    if (silent.length > 0) {
      return { unchecked: ["this database sends nothing until it knows whose it is"] };
    }
    const ask = () =>
      deliver(
        sql,
        (sql) => sql`select hlf_sync.nudge('{"type": "health"}') as id`,
        waiting,
      );
    const [before] = await rows(moment, sql`select clock_timestamp()::text as now`);
    let delivery = await ask();
    // The first call of a while has to wait until the function has started.
    if (delivery.kind === "failed" && delivery.isLate) delivery = await ask();
    if (delivery.kind === "not_sent") return delivery.outcome;
    if (delivery.kind === "failed") {
      return found(
        `The database called the function, but ${delivery.reason}.`,
        delivery.isLate
          ? {
            advice: "Look again; then read the function's log: it waits for Dynamics, or hangs.",
          }
          : { sql: putIntoVault("hlf_sync_function_url", true) },
      );
    }
    const health = readHealth(delivery.status, delivery.text);
    const isWell = judge(health) === "well";
    return isWell && !await hasNoted(sql, before?.now ?? "infinity") ? NOT_NOTED : health;
  });
}

const moment = z.object({ now: z.string() });

/** The function notes in the database that a health check passed; that it says so proves only half of the way. */
async function hasNoted(sql: postgres.Sql, since: string): Promise<boolean> {
  const noted = await sql`
    select from hlf_sync.pulse as p where p.healthy_at >= ${since}::text::timestamptz`;
  return noted.length > 0;
}

const NOT_NOTED = found(
  "The function reaches Dynamics, but what it notes does not arrive in the database.",
  {
    advice: "Look at the project's status and the function's log (gate_failed, claim_failed): " +
      "REST is out of reach, refuses the function's key, or leads to another database.",
  },
);
