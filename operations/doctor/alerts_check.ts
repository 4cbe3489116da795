import type postgres from "postgres";
import { z } from "zod";
import { type Check, check, type Finding, found } from "./finding.ts";
import { rows } from "./rows.ts";
import { putIntoVault } from "./secrets_check.ts";

/** What the watchdog has found. That it found nothing says nothing unless it looked. */
export function alertsCheck(sql: postgres.Sql): Check {
  return check("The watchdog looks, and no alert is open", async () => {
    const open = await rows(
      z.object({ kind: z.string(), meaning: z.string() }),
      sql`
        select a.kind, k.meaning
        from public.hlf_sync_alerts as a
        join hlf_sync.alert_kinds as k on k.kind = a.kind
        where a.closed_at is null
        order by a.kind`,
    );
    const findings = open.map(({ kind, meaning }): Finding => ({
      problem: `The alert ${kind} is open. ${meaning}`,
      remedy: { advice: `See docs/reference/alerts.md#${kind}` },
    }));
    const looks = await sql`
      select from hlf_sync.steps as s
      where s.step like 'watch: %' and s.succeeded_at > now() - interval '5 minutes'`;
    return {
      findings,
      unchecked: looks.length > 0 ? [] : ["the watchdog has not looked in the last five minutes"],
    };
  });
}

const message = z.object({
  subject: z.string(),
  secret_name: z.string(),
  minutes: z.coerce.number(),
  last_status: z.number().nullable(),
});

/** Messages that nobody has taken; whoever should read them knows nothing of it. */
export function messagesCheck(sql: postgres.Sql): Check {
  return check("No message is waiting for somebody to take it", async () => {
    const waiting = await rows(
      message,
      sql`
        select subject, secret_name, last_status, floor(extract(epoch from now() - written_at) / 60) as minutes
        from hlf_sync.messages
        where delivered_at is null and (last_status is not null or written_at < now() - interval '2 minutes')
        order by subject`,
    );
    return {
      findings: waiting.map(({ subject, secret_name, minutes, last_status }): Finding => ({
        problem: `The message about "${subject}" has been on its way for ${minutes} minutes; ${
          last_status === null ? "there was no answer" : `the answer was ${last_status}`
        }.`,
        remedy: { sql: putIntoVault(secret_name, true) },
      })),
    };
  });
}

/** A closed gate holds everybody up before it is old enough for an alert. */
export function gateCheck(sql: postgres.Sql): Check {
  return check("The gate to Dynamics is open", async () => {
    const [gate] = await rows(
      z.object({ is_open: z.boolean(), reason: z.string().nullable() }),
      sql`select closed_until <= now() as is_open, reason from public.hlf_sync_gate`,
    );
    if (gate === undefined) return { unchecked: ["its row is missing"] };
    if (gate.is_open) return {};
    const advice = gate.reason === "throttled"
      ? "Nothing: it opens by itself when the time is over that Dynamics asked for."
      : "See docs/reference/alerts.md; it opens within a minute of that being mended.";
    return found(`It is closed: ${gate.reason}.`, { advice });
  });
}
