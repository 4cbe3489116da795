import type postgres from "postgres";
import { z } from "zod";
import { found, type Outcome } from "./finding.ts";
import { rows } from "./rows.ts";

const answer = z.object({
  status_code: z.number().nullable(),
  content: z.string().nullable(),
  timed_out: z.boolean().nullable(),
  error_msg: z.string().nullable(),
});

type Delivery =
  | { readonly kind: "answered"; readonly status: number; readonly text: string }
  /** pg_net sent it, and no complete answer came. */
  | { readonly kind: "failed"; readonly reason: string; readonly isLate: boolean }
  /** pg_net did not send it, for a reason that is a finding. */
  | { readonly kind: "not_sent"; readonly outcome: Outcome };

/** pg_net has the request in its queue, or lost it. */
const QUEUED = found(
  "pg_net has not sent the request: its worker does not run, or others are in front.",
  { sql: "select net.worker_restart()" },
);

const REFUSED = found("pg_net does not take the request.", {
  advice: "See the warning in Postgres' log, then ask Supabase: pg_net is out of order.",
});

const POLL_MILLISECONDS = 100;
/** pg_net gives up a request of ours after 5 s, and may have others in front of it. */
const PATIENCE_MILLISECONDS = 20_000;

/** How to wait; tests do not. */
export interface Waiting {
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly patienceMilliseconds?: number;
}

/**
 * Has the database send a request and reads from pg_net what became of it.
 * <https://supabase.github.io/pg_net/>
 *
 * @param queue a statement that hands the request to pg_net, outside a transaction: it is sent after the commit
 */
export async function deliver(
  sql: postgres.Sql,
  queue: (sql: postgres.Sql) => PromiseLike<readonly unknown[]>,
  { sleep, patienceMilliseconds = PATIENCE_MILLISECONDS }: Waiting,
): Promise<Delivery> {
  const [begun] = await rows(
    z.object({ now: z.string() }),
    sql`select clock_timestamp()::text as now`,
  );
  const [queued] = await rows(z.object({ id: z.coerce.number().nullable() }), queue(sql));
  const id = queued?.id ?? null;
  if (id === null || begun === undefined) return { kind: "not_sent", outcome: REFUSED };
  for (let waited = 0; waited <= patienceMilliseconds; waited += POLL_MILLISECONDS) {
    const [answered] = await rows(
      answer,
      // Its ids begin anew after a crash, so an older answer is another request's.
      sql`
        select status_code, content, timed_out, error_msg from net._http_response
        where id = ${id} and created >= ${begun.now}::text::timestamptz - interval '1 second'`,
    );
    if (answered !== undefined) return read(answered);
    await sleep(POLL_MILLISECONDS);
  }
  return { kind: "not_sent", outcome: QUEUED };
}

function read({ status_code, content, timed_out, error_msg }: z.infer<typeof answer>): Delivery {
  if (status_code !== null && timed_out !== true) {
    return { kind: "answered", status: status_code, text: content ?? "" };
  }
  const isLate = timed_out === true;
  return {
    kind: "failed",
    reason: isLate ? "there was no answer within 5 seconds" : explain(error_msg),
    isLate,
  };
}

/** The text of libcurl may hold the URL, which is a secret of a webhook, so only its kind is told. */
function explain(text: string | null): string {
  if (/resolve|dns|name or service/i.test(text ?? "")) return "its host name is not known";
  if (/tls|ssl|certificate/i.test(text ?? "")) return "no encrypted connection can be made to it";
  if (/connect|refused|unreachable/i.test(text ?? "")) return "nothing can be reached there";
  return "the connection broke";
}
