import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import type { FaultAnswer } from "../../../simulator/simulator_client.ts";
import { stackTest } from "../../stack_test_frame.ts";
import { completeLog, eventually, mentor, post, setStatus } from "../../../stack/observe.ts";
import { untilSilence } from "../../../stack/silence.ts";
import type { Stack } from "../../../stack/stack_types.ts";
import { RELEASE } from "../../../supabase/functions/_shared/release.ts";

const caseSchema = z.object({
  id: z.string(),
  what: z.string(),
  request: z.enum(["update", "remove", "restore", "token"]),
  answer: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.string()).optional(),
    json: z.unknown().optional(),
    html: z.string().optional(),
    text: z.string().optional(),
  }),
  listing_exists: z.boolean().default(true),
  expect: z.object({
    outcome: z.enum(["success", "failure", "dead_lettered", "none"]),
    class: z.string().nullable().default(null),
    gate: z.string().default("none"),
    response_code: z.number().optional(),
    gate_seconds: z.number().optional(),
    gate_seconds_at_most: z.number().optional(),
    gate_seconds_at_least: z.number().optional(),
    retry_seconds_at_most: z.number().optional(),
  }),
});
type Case = z.infer<typeof caseSchema>;

const { cases } = z.object({ cases: z.array(caseSchema) }).parse(
  JSON.parse(Deno.readTextFileSync(new URL("answers.json", import.meta.url))),
);

/** So many mentors show that a refusal comes to everybody. */
const SEVERAL = ["a1", "a2", "a3"];

function faultOf({ answer }: Case): FaultAnswer {
  const { status, headers, json, html, text } = answer;
  const body = json !== undefined ? JSON.stringify(json) : html ?? text;
  const contentType = json !== undefined
    ? "application/json; charset=utf-8"
    : html !== undefined
    ? "text/html"
    : "text/plain";
  return {
    status,
    ...(headers && { headers }),
    ...(body !== undefined ? { body, contentType } : status !== 204 && { body: "" }),
  };
}

/** As if nothing had happened yet: everybody confirmed shown, or hidden for what is to be shown. */
async function beginAnew(stack: Stack, operation: "remove" | "restore"): Promise<void> {
  await stack.simulator.clearFaults();
  await stack.sql(
    "update public.mentors set status = $1 where status <> $1::public.mentor_status",
    [operation === "remove" ? "active" : "paused"],
  );
  // What the case before and this change have set off must not meet what follows.
  await untilSilence(stack);
  const statements = [
    `update public.hlf_sync_state set due_at = null, in_flight_attempt_id = null, attempts = 0, uncounted_attempts = 0,
       refused_since = null, refusals = 0, dead_lettered_at = null, last_error = null,
       confirmed_generation = generation where true`,
    "delete from hlf_sync.attempts where true",
    "delete from public.hlf_sync_alerts where true",
    `update public.hlf_sync_gate set closed_until = '-infinity', reason = null, closed_at = null,
       last_confirmed_at = null where true`,
  ];
  for (const statement of statements) await stack.sql(statement);
}

interface Settled {
  readonly outcome: string;
  readonly class: string | null;
  readonly response_code: number | null;
  readonly due_in: number | null;
}

/** What the first attempt of a mentor came to, and what the log says of it. */
async function attemptOf(stack: Stack, code: string): Promise<Settled> {
  return await eventually(`the attempt of ${code} is recorded`, async () => {
    await completeLog(stack);
    const [row] = await stack.sql<Settled>(
      `select log.outcome, split_part(log.error_message, ' ', 1) as class, log.dynamics_response_code as response_code,
         extract(epoch from s.due_at - t.settled_at)::float8 as due_in
       from hlf_sync.attempts as t
       join public.hlf_sync_audit_log as log on log.id = t.attempt_id
       join public.hlf_sync_state as s on s.mentor_id = t.mentor_id
       where t.mentor_id = $1 and t.outcome is not null order by t.attempt_id limit 1`,
      [mentor(code)],
    );
    return row;
  });
}

async function gate(stack: Stack): Promise<{ reason: string; seconds: number | null }> {
  const [row] = await stack.sql<{ reason: string; seconds: number | null }>(
    `select case when closed_until > now() then reason else 'none' end as reason,
       case when closed_until between now() and now() + interval '1 year'
         then extract(epoch from closed_until - closed_at)::float8 end as seconds
     from public.hlf_sync_gate`,
  );
  return row ?? { reason: "none", seconds: null };
}

async function playUpdate(stack: Stack, one: Case, operation: "remove" | "restore"): Promise<void> {
  const codes = one.expect.gate === "settings" ? SEVERAL : ["a1"];
  await beginAnew(stack, operation);
  await stack.simulator.upsertListing({
    mentorId: mentor("a1"),
    published: operation === "remove",
  });
  if (!one.listing_exists) await stack.simulator.deleteListing(mentor("a1"));
  await stack.simulator.addFault({
    match: { target: "patch" },
    times: null,
    answer: faultOf(one),
  });
  for (const code of codes) {
    await setStatus(stack, code, operation === "remove" ? "resigned" : "active");
  }
  for (const code of codes) {
    const attempt = await attemptOf(stack, code);
    assertEquals([attempt.outcome, attempt.class], [one.expect.outcome, one.expect.class]);
    if (one.expect.response_code !== undefined) {
      assertEquals(attempt.response_code, one.expect.response_code);
    }
    const atMost = one.expect.retry_seconds_at_most;
    if (atMost !== undefined) assert((attempt.due_in ?? Infinity) <= atMost);
  }
  await checkGate(stack, one);
}

async function checkGate(stack: Stack, { expect }: Case): Promise<void> {
  const [wanted = "none"] = expect.gate.split(" ");
  // A retry stays seconds away, and a gate that was opened to probe is closed again within the same pass.
  const found = wanted === "none" || expect.retry_seconds_at_most !== undefined
    ? await gate(stack)
    : await eventually(`the gate is closed for ${wanted}`, async () => {
      const now = await gate(stack);
      return now.reason === wanted && now;
    });
  if (expect.retry_seconds_at_most === undefined) assertEquals(found.reason, wanted);
  const { gate_seconds, gate_seconds_at_most, gate_seconds_at_least } = expect;
  const seconds = found.seconds ?? 0;
  if (gate_seconds !== undefined) assert(Math.abs(seconds - gate_seconds) < 2, `${seconds}`);
  if (gate_seconds_at_most !== undefined) assert(seconds <= gate_seconds_at_most + 1, `${seconds}`);
  if (gate_seconds_at_least !== undefined) {
    assert(seconds >= gate_seconds_at_least - 2, `${seconds}`);
  }
}

async function playToken(stack: Stack, one: Case): Promise<void> {
  // Of the night before nothing may still go on.
  await stack.restartFunction();
  await beginAnew(stack, "remove");
  await stack.simulator.addFault({ match: { target: "token" }, times: null, answer: faultOf(one) });
  const ask = (type: string) => post(stack, { type }, { apikey: stack.secretKey });
  assertEquals((await ask("health")).body, { dynamics: one.expect.class, release: RELEASE });
  await ask("nightly");
  await checkGate(stack, one);
  assertEquals(await stack.sql("select from hlf_sync.attempts"), []);
}

stackTest("what Dynamics answers, and what follows", {
  functionEnvironment: { HLF_SYNC_JITTER: "0" },
}, async (stack, step) => {
  assertEquals(cases.length, 38);
  await eventually("everybody is confirmed", async () => {
    await stack.sql("select hlf_sync.sweep()");
    const [row] = await stack.sql<{ open: number }>(
      "select count(*)::integer as open from public.hlf_sync_state where due_at is not null or in_flight_attempt_id is not null",
    );
    return row?.open === 0;
  });
  for (const one of cases) {
    const operations = one.request === "update"
      ? ["remove", "restore"] as const
      : one.request === "token"
      ? [null]
      : [one.request];
    for (const operation of operations) {
      await step(
        `${one.id} ${one.what}${operation === null ? "" : `, ${operation}`}`,
        () => operation === null ? playToken(stack, one) : playUpdate(stack, one, operation),
      );
    }
  }
});
