import { z } from "zod";
import { type FunctionProcess, startFunction } from "./function_process.ts";
import { DYNAMICS_SECONDS, type Ground } from "./ground.ts";
import type { AuditMode } from "./programs/audit_mode.ts";
import { byTurns } from "./rounds.ts";
import { median, quantile } from "./statistics.ts";
import { figure, type Section } from "./table.ts";

/** One webhook, in milliseconds from posting it. */
interface Sample {
  readonly sent: number;
  readonly received: number;
  readonly settled: number;
  /** Requests of the function between the webhook and the PATCH. */
  readonly before: number;
}

const MODES = {
  beside: "fire and forget, as it is",
  absent: "absent",
  awaited: "awaited before settling",
  slow: "fire and forget, audit table 500 ms slow",
} as const;
type Mode = keyof typeof MODES;

const patchSent = z.object({ at: z.number(), before: z.number() });

/** One webhook at a time, with the audit insert related to it in different ways. */
export async function measureCriticalPath(
  ground: Ground,
  { webhooks, rounds }: { webhooks: number; rounds: number },
): Promise<Section> {
  const mentorIds = await ground.fill(webhooks);
  const start = (mode: AuditMode) =>
    startFunction(
      "bench/programs/function.ts",
      { ...ground.environment, BENCH_AUDIT: mode },
      ground.stack.secretKey,
    );
  const [beside, absent, awaited] = await Promise.all([
    start("beside"),
    start("absent"),
    start("awaited"),
  ]);
  try {
    const sample = (one: FunctionProcess) => () => takeSamples(ground, one, mentorIds);
    for (const one of [beside, absent, awaited]) await sample(one)();
    const samples = await byTurns(rounds, {
      beside: sample(beside),
      absent: sample(absent),
      awaited: sample(awaited),
      slow: () => withSlowAuditTable(ground, sample(beside)),
    });
    return describe(samples, rounds * webhooks);
  } finally {
    await Promise.all([beside, absent, awaited].map((one) => one.stop()));
  }
}

async function takeSamples(
  ground: Ground,
  one: FunctionProcess,
  mentorIds: readonly string[],
): Promise<Sample[]> {
  await ground.makeDue(0);
  const samples: Sample[] = [];
  for (const mentorId of mentorIds) samples.push(await takeSample(ground, one, mentorId));
  return samples;
}

async function takeSample(
  { stack }: Ground,
  one: FunctionProcess,
  mentorId: string,
): Promise<Sample> {
  await stack.sql(
    `update public.hlf_sync_state set due_at = clock_timestamp(), generation = generation + 1
     where mentor_id = $1`,
    [mentorId],
  );
  await stack.simulator.clearRequests();
  const sending = one.event("patch_sent", 10);
  const finishing = one.event("drain_finished", 10);
  const postedAt = performance.timeOrigin + performance.now();
  await one.post({ type: "UPDATE", table: "mentors", schema: "public" });
  const { at, before } = patchSent.parse(await sending);
  await finishing;
  // One webhook at a time: what this one left to be done must not meet the next.
  await new Promise((resolve) => setTimeout(resolve, 30));
  const [attempt] = await stack.sql<{ settled: number }>(
    `select (extract(epoch from settled_at) * 1000)::float8 as settled from hlf_sync.attempts
     where mentor_id = $1 order by claimed_at desc limit 1`,
    [mentorId],
  );
  const [request] = (await stack.simulator.requests()).filter(({ method }) => method === "PATCH");
  return {
    sent: at - postedAt,
    // Its log has whole milliseconds.
    received: Date.parse(request?.receivedAt ?? "") + 0.5 - postedAt,
    settled: (attempt?.settled ?? NaN) - postedAt,
    before,
  };
}

async function withSlowAuditTable<T>({ stack }: Ground, work: () => Promise<T>): Promise<T> {
  await stack.sql(
    `create or replace function hlf_sync.bench_slow_down() returns trigger language plpgsql as
     $$ begin perform pg_sleep(0.5); return null; end $$`,
  );
  await stack.sql(
    `create trigger bench_slow_down before insert on public.hlf_sync_audit_log
     for each statement execute function hlf_sync.bench_slow_down()`,
  );
  try {
    return await work();
  } finally {
    // Waits for the inserts that are under way.
    await stack.sql("drop trigger bench_slow_down on public.hlf_sync_audit_log");
    await stack.sql("drop function hlf_sync.bench_slow_down");
  }
}

function describe(samples: Record<Mode, Sample[][]>, count: number): Section {
  const all = (mode: Mode, what: keyof Sample) =>
    samples[mode].flat().map((sample) => sample[what]);
  const modes = Object.keys(MODES) as Mode[];
  // Round by round, so that a machine that is slower for a while is so for both.
  const added = (mode: Mode, what: "sent" | "settled") =>
    median(samples[mode].map((block, round) =>
      median(block.map((sample) => sample[what])) -
      median((samples.absent[round] ?? []).map((sample) => sample[what]))
    ));
  return {
    title: "Critical path: one webhook at a time, milliseconds from posting it",
    header: [
      "audit insert",
      "PATCH sent p50",
      "p99",
      "received p50",
      "settled p50",
      "p99",
      "adds to sent",
      "adds to settled",
      "round trips before",
    ],
    rows: modes.map((mode) => [
      MODES[mode],
      figure(median(all(mode, "sent"))),
      figure(quantile(all(mode, "sent"), 0.99)),
      figure(median(all(mode, "received"))),
      figure(median(all(mode, "settled"))),
      figure(quantile(all(mode, "settled"), 0.99)),
      figure(added(mode, "sent")),
      figure(added(mode, "settled")),
      String(Math.max(...all(mode, "before"))),
    ]),
    notes: [
      `${count} webhooks each, in blocks by turns, on processes that are warm. Settled contains the ` +
      `${
        DYNAMICS_SECONDS * 1000
      } ms that Dynamics takes. What is added is the median over the rounds of the difference to no insert ` +
      "at all; awaiting it is shown for comparison, the function never does. Received is by the log of Dynamics, which " +
      "has whole milliseconds.",
    ],
  };
}
