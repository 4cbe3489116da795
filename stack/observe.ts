import type { ReachableStack } from "./stack_types.ts";

/** An audit row as SQL gives it, without the id and the time. */
export interface AuditRow {
  readonly id: string;
  readonly organisation_id: string;
  readonly mentor_id: string;
  readonly operation: string;
  readonly dynamics_response_code: number | null;
  readonly retry_count: number;
  readonly outcome: string;
  readonly error_message: string | null;
  readonly triggered_by_event: string;
}

export const ORGANISATION_A = "00000000-0000-4000-8000-00000000000a";
export const ORGANISATION_B = "00000000-0000-4000-8000-00000000000b";

/** Fixed id of a seeded mentor, such as `a1`. */
export function mentor(code: string): string {
  return `00000000-0000-4000-8000-0000000000${code}`;
}

/** Far longer than anything takes on a machine that is busy with much else: only what never comes is a fault. */
const PATIENCE_MILLISECONDS = 120_000;

/** Polls until the probe gives something other than false, null or undefined. */
export async function eventually<T>(
  what: string | (() => string),
  probe: () => T | false | null | undefined | Promise<T | false | null | undefined>,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  while (true) {
    const value = await probe();
    if (value !== false && value !== null && value !== undefined) return value;
    if (Date.now() > deadline) {
      throw new Error(`Waited in vain until ${typeof what === "string" ? what : what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Writes the audit rows that the function has not written yet, without waiting for it. */
export async function completeLog(stack: ReachableStack): Promise<void> {
  // One call writes a thousand at most.
  while (true) {
    const [row] = await stack.sql<{ filled: number }>(
      "select hlf_sync.fill_audit_gaps('0 seconds') as filled",
    );
    if ((row?.filled ?? 0) === 0) return;
  }
}

/**
 * Waits until nothing is due or under way any more, and all of it is in the log: the function writes audit rows beside the
 * settling, so one could still arrive. Dead letters wait for a person, not for this.
 */
export async function untilIdle(stack: ReachableStack): Promise<void> {
  await eventually("nothing is due any more", async () => {
    const [row] = await stack.sql<{ open: number }>(
      `select count(*)::integer as open from public.hlf_sync_state
       where due_at is not null or in_flight_attempt_id is not null`,
    );
    if (row?.open === 0) return true;
    await sweep(stack);
    return false;
  });
  await completeLog(stack);
}

/** Kinds of open alerts; a stack without cron has no jobs that run, which is none of its tests' business. */
export async function openAlerts(stack: ReachableStack): Promise<string[]> {
  const alerts = await stack.sql<{ kind: string }>(
    `select kind from public.hlf_sync_alerts
     where closed_at is null and kind <> 'jobs_stopped' order by kind`,
  );
  return alerts.map(({ kind }) => kind);
}

/**
 * Waits until just these alerts are open, while the jobs go on: what was locked in one round is noted by the next, and what a
 * busy machine was late for is over then.
 */
export async function awaitAlerts(
  stack: ReachableStack,
  ...kinds: readonly string[]
): Promise<void> {
  const wanted = kinds.toSorted().join();
  let open = "";
  await eventually(() => `the open alerts are [${wanted}], not [${open}]`, async () => {
    open = (await openAlerts(stack)).join();
    if (open === wanted) return true;
    await sweep(stack);
    return false;
  });
}

/**
 * Waits until the watchdog finds that the function does what it is called for: sweeps that come faster than once a minute make
 * a function that is only slow look like one that does nothing.
 */
export async function awaitHeeded(stack: ReachableStack): Promise<void> {
  await eventually("the watchdog finds that the function can be called", async () => {
    if (!(await openAlerts(stack)).includes("cannot_call")) return true;
    await sweep(stack);
    return false;
  });
}

/** What pg_cron does every minute: the sweep and the watchdog. */
export async function sweep(stack: ReachableStack): Promise<void> {
  await stack.sql("select hlf_sync.sweep(), hlf_sync.watch()");
}

export async function setStatus(
  stack: ReachableStack,
  code: string,
  status: string,
): Promise<void> {
  await stack.sql("update public.mentors set status = $1::public.mentor_status where id = $2", [
    status,
    mentor(code),
  ]);
}

/** Audit rows of a mentor from some moment on, oldest first. */
export async function auditRows(
  stack: ReachableStack,
  code: string,
  after?: string,
): Promise<AuditRow[]> {
  return await stack.sql<AuditRow>(
    `select id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome,
       error_message, triggered_by_event
     from public.hlf_sync_audit_log where mentor_id = $1 and id > $2 order by id`,
    [mentor(code), after ?? "00000000-0000-0000-0000-000000000000"],
  );
}

/** Waits for so many audit rows of a mentor after the given one. */
export async function awaitAuditRows(
  stack: ReachableStack,
  code: string,
  count: number,
  after?: string,
): Promise<AuditRow[]> {
  return await eventually(`${code} has ${count} new audit rows`, async () => {
    const rows = await auditRows(stack, code, after);
    return rows.length >= count && rows;
  });
}

/** The newest attempt of a mentor: what comes after it is new. */
export async function lastAttempt(
  stack: ReachableStack,
  code: string,
): Promise<string | undefined> {
  return (await auditRows(stack, code)).at(-1)?.id;
}

export async function isOnWebsite(stack: ReachableStack, code: string): Promise<boolean> {
  return (await stack.simulator.website()).includes(mentor(code));
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

/** Posts to the function as anybody. */
export async function post(
  stack: ReachableStack,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(stack.functionUrl, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  let parsed: Record<string, unknown> = {};
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not JSON: the text says it all.
  }
  return { status: response.status, body: parsed, text };
}

/** Signs a demo coordinator in and returns the headers of their requests. */
export async function signIn(
  stack: ReachableStack,
  organisationId: string = ORGANISATION_A,
): Promise<Record<string, string>> {
  const coordinator = stack.coordinators.find((c) => c.organisationId === organisationId);
  if (coordinator === undefined) throw new Error(`No coordinator of ${organisationId}`);
  const response = await fetch(`${stack.apiUrl}/auth/v1/token?grant_type=password`, {
    method: "POST",
    headers: { apikey: stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify({ email: coordinator.email, password: coordinator.password }),
  });
  const session = await response.json();
  if (!response.ok) throw new Error(`Cannot sign in: ${response.status}`);
  return { apikey: stack.publishableKey, authorization: `Bearer ${session.access_token}` };
}

/** Makes dead letters due again as a coordinator's page does; what the database says, and how many. */
export async function requeue(
  stack: ReachableStack,
  coordinator: Record<string, string>,
  organisationId: string,
  ...mentorIds: string[]
): Promise<readonly [result: string, count: number]> {
  const response = await fetch(`${stack.apiUrl}/rest/v1/rpc/requeue_hlf_dead_letters`, {
    method: "POST",
    headers: { "content-type": "application/json", ...coordinator },
    body: JSON.stringify({
      org_id: organisationId,
      ...(mentorIds.length > 0 && { mentor_ids: mentorIds }),
    }),
  });
  const [row] = await response.json();
  return [row.result, row.requeued_count];
}
