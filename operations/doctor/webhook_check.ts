import type postgres from "postgres";
import { type Check, check, found } from "./finding.ts";
import { deliver, type Waiting } from "./pg_net.ts";
import { putIntoVault } from "./secrets_check.ts";

const NAME = "hlf_sync_alert_webhook_url";

/** Sends a line to where alerts go, if that was asked for: somebody reads it. */
export function webhookCheck(
  sql: postgres.Sql,
  { isAskedFor, waiting }: { readonly isAskedFor: boolean; readonly waiting: Waiting },
): Check {
  return check("The alert webhook takes a test line", async () => {
    if (!isAskedFor) return { unseen: ["run with --test-alert"] };
    const usable = await sql`select where hlf_sync.callable_url(${NAME}) is not null`;
    if (usable.length === 0) return { unchecked: ["its URL in Vault cannot be used"] };
    const delivery = await deliver(
      sql,
      (sql) =>
        sql`
          select hlf_sync.post_json(url, hlf_sync.webhook_body(url, text, '{"state": "test"}')) as id
          from (
            select hlf_sync.callable_url(${NAME}) as url,
              format('hlf-sync: a test line of the doctor (%s). Nothing is wrong.', hlf_sync.project_name()) as text
          ) as line`,
      waiting,
    );
    const remedy = { sql: putIntoVault(NAME, true) };
    switch (delivery.kind) {
      case "not_sent":
        return delivery.outcome;
      case "failed":
        return found(`The test line was sent, but ${delivery.reason}.`, remedy);
      case "answered":
        if (delivery.status >= 200 && delivery.status < 300) {
          // Some take whatever they get and then fail to show it.
          return { seen: [`It answered ${delivery.status}; see that the line arrived.`] };
        }
        return found(`The webhook answers ${delivery.status} to the test line.`, remedy);
    }
  });
}
