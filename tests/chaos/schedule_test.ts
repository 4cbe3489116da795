import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { makeSchedule } from "./schedule.ts";
import { describeSchedule, type Step } from "./step.ts";

const SCHEDULES = Array.from({ length: 300 }, (_, seed) => makeSchedule(seed + 1));
const STEPS = SCHEDULES.flatMap(({ steps }) => steps.map(({ step }) => step));

Deno.test("makeSchedule() gives the same schedule for a seed, and another for another", () => {
  assertEquals(makeSchedule(42), makeSchedule(42));
  assertNotEquals(makeSchedule(42).steps, makeSchedule(43).steps);
});

Deno.test("makeSchedule() makes every kind of step within 300 seeds", () => {
  const kinds: Record<Step["kind"], true> = {
    status: true,
    slow_status: true,
    delete: true,
    insert: true,
    move: true,
    sync_enabled: true,
    expire: true,
    force_sync: true,
    requeue: true,
    edit_listing: true,
    delete_listing: true,
    night: true,
    sweep: true,
    nudge: true,
    nudges: true,
    dynamics: true,
    credentials: true,
    latency: true,
    rest: true,
    audit_log: true,
    outage: true,
    kill: true,
    kill_at: true,
    stall: true,
    database: true,
  };
  const made = new Set<string>(STEPS.map(({ kind }) => kind));
  assertEquals(Object.keys(kinds).filter((kind) => !made.has(kind)), []);
});

Deno.test("makeSchedule() kills at every step of an attempt, before and after", () => {
  const points = new Set(
    STEPS.flatMap((step) => step.kind === "kill_at" ? [`${step.call} ${step.moment}`] : []),
  );
  for (
    const call of ["claim", "patch", "audit", "settle", "hand_back", "close_gate", "finish_night"]
  ) {
    for (const moment of ["before", "after"]) assert(points.has(`${call} ${moment}`), call);
  }
});

Deno.test("makeSchedule() names only mentors and workers that there are", () => {
  for (const { mentors, workers, unlisted, steps } of SCHEDULES) {
    const named = steps.flatMap(({ step }) => [
      ...("mentors" in step ? step.mentors : []),
      ...("mentor" in step && step.mentor !== null ? [step.mentor] : []),
    ]);
    assert([...named, ...unlisted].every((mentor) => mentor >= 0 && mentor < mentors));
    assert(steps.every(({ step }) => !("worker" in step) || step.worker < workers));
  }
});

Deno.test("makeSchedule() restarts the database once at most", () => {
  for (const { steps } of SCHEDULES) {
    assert(steps.filter(({ step }) => step.kind === "database").length <= 1);
  }
});

Deno.test("makeSchedule() never lets a certificate expire twice on one date", () => {
  for (const { steps } of SCHEDULES) {
    const days = steps.flatMap(({ step }) => step.kind === "expire" ? [step.daysAgo] : []);
    assertEquals(days.length, new Set(days).size);
  }
});

Deno.test("describeSchedule() tells the seed and a line for each step", () => {
  const schedule = makeSchedule(7);
  const [title, ...lines] = describeSchedule(schedule);
  assert(title?.startsWith("seed 7: "));
  assertEquals(lines.length, schedule.steps.length);
});

Deno.test("makeSchedule() tells a story in some schedules, and tells each of them", () => {
  const overtaken = SCHEDULES.filter(({ steps }) =>
    steps.some(({ step }) =>
      step.kind === "dynamics" && step.trouble.kind === "late_commit" && step.mentor !== null
    )
  );
  const forbidden = STEPS.filter((step) =>
    step.kind === "dynamics" && step.trouble.kind === "error" && step.trouble.status === 403
  );
  assert(overtaken.length > 10);
  assert(forbidden.length > 10);
});
