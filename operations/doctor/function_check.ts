import type postgres from "postgres";
import type { Check, Finding } from "./finding.ts";
import { deliver, type Delivery, type Waiting } from "./pg_net.ts";
import { readHealth } from "./read_health.ts";
import { putIntoVault } from "./secrets_check.ts";

/**
 * Has the database call the function as the sweep does, with pg_net and what Vault holds, and the function Dynamics.
 * Nothing of Vault is ever printed.
 */
export function functionCheck(sql: postgres.Sql, waiting: Waiting): Check {
  return {
    title: "The database reaches the function, and the function Dynamics",
    run: async () => {
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
      let delivery = await ask();
      // The first call of a while has to wait until the function has started.
      if (delivery.kind === "failed" && delivery.isLate) delivery = await ask();
      return delivery.kind === "answered"
        ? readHealth(delivery.status, delivery.text)
        : { findings: [describe(delivery)] };
    },
  };
}

function describe(delivery: Exclude<Delivery, { kind: "answered" }>): Finding {
  switch (delivery.kind) {
    case "failed":
      return {
        problem: `The database called the function, but ${delivery.reason}.`,
        remedy: delivery.isLate
          ? { advice: "Look again; then read the function's log: it waits for Dynamics, or hangs." }
          : { sql: putIntoVault("hlf_sync_function_url", true) },
      };
    case "not_sent":
      return NOT_SENT;
    case "refused":
      return REFUSED;
  }
}

/** What is wrong when pg_net does not send. */
export const NOT_SENT: Finding = {
  problem: "pg_net has not sent the request: its worker does not run, or others are in front.",
  remedy: { sql: "select net.worker_restart()" },
};

/** What is wrong when pg_net does not even take a request. */
export const REFUSED: Finding = {
  problem: "pg_net does not take the request.",
  remedy: {
    advice: "See the warning in Postgres' log, then ask Supabase: pg_net is out of order.",
  },
};
