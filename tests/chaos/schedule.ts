import { type DynamicsTrouble, THROTTLE_CODES } from "./dynamics_trouble.ts";
import { createRandom, type Random } from "./random.ts";
import {
  type CredentialsTrouble,
  type MentorStatus,
  REST_RESOURCES,
  type RestCall,
  type Schedule,
  type Step,
} from "./step.ts";
import { LATE_SECONDS, STORIES } from "./stories.ts";

const STATUSES: readonly MentorStatus[] = ["active", "paused", "expired_cert", "resigned"];
/** How long a worker stands still that then finds its attempts given to others. */
const LONGER_THAN_A_LEASE_SECONDS = 4.5;
const REST_CALLS = Object.keys(REST_RESOURCES) as RestCall[];
/** The calls of every sync; the others are seldom made, so a fault of theirs is seldom met. */
const BUSY_CALLS: readonly RestCall[] = ["claim", "settle", "audit", "hand_back"];
/** Of these there is at most one in a schedule: they take long. */
const HEAVY: ReadonlySet<Step["kind"]> = new Set(["database", "stall"]);

/** The schedule of a seed. Pure: the same seed gives the same steps, whatever they then lead to. */
export function makeSchedule(seed: number): Schedule {
  const random = createRandom(seed);
  const mentors = random.integer(4, 14);
  const workers = 3;
  const all = Array.from({ length: mentors }, (_, index) => index);
  const unlisted = random.chance(0.3) ? random.some(all, random.integer(1, 2)) : [];
  const latency = random.pick([0, 0.01, 0.03, 0.08]);
  const scene: Scene = { random, all, workers, expiries: 0 };
  // A few sorts of trouble at a time, so that some schedules show what a single one does.
  const troubles = random.some(TROUBLES, random.integer(1, 4));
  const pace = random.pick([5, 20, 60]);
  const heavy = new Set<Step["kind"]>();

  const steps = Array.from({ length: random.integer(8, 22) }, () => {
    const make = random.chance(0.5) ? random.weighted(EVERYDAY) : random.pick(troubles);
    let step = make(scene);
    if (HEAVY.has(step.kind) && heavy.has(step.kind)) step = changeStatus(scene);
    heavy.add(step.kind);
    return { afterMilliseconds: random.integer(0, pace * 2), step };
  });
  if (random.chance(0.4)) {
    const story = random.pick(STORIES)(random, random.pick(all));
    steps.splice(random.integer(0, steps.length), 0, ...story);
  }
  return { seed, mentors, workers, unlisted, latency, steps };
}

interface Scene {
  readonly random: Random;
  readonly all: readonly number[];
  readonly workers: number;
  /** Each expiry has its own date: one that was renewed does not expire on the same day again. */
  expiries: number;
}

type Make = (scene: Scene) => Step;

function changeStatus({ random, all }: Scene): Step & { kind: "status" } {
  const count = random.chance(0.3) ? random.integer(2, all.length) : 1;
  // Most changes meet the same few, so that they come while an attempt for them is under way.
  const among = random.chance(0.6) ? all.slice(0, 3) : all;
  // Away and back again is where things go wrong, so half of all changes are to `active`.
  const status = random.chance(0.5) ? "active" : random.pick(STATUSES);
  return { kind: "status", mentors: random.some(among, count), status };
}

/** What happens on any day. */
const EVERYDAY: readonly (readonly [number, Make])[] = [
  [10, changeStatus],
  [1, (scene) => ({
    ...changeStatus(scene),
    kind: "slow_status",
    seconds: scene.random.pick([0.2, 0.6]),
  })],
  [1, ({ random, all }) => ({
    kind: "delete",
    mentors: random.some(all, random.chance(0.2) ? all.length : 1),
  })],
  [1, ({ random, all }) => ({
    kind: "insert",
    mentor: random.pick(all),
    status: random.pick(STATUSES),
  })],
  [1, ({ random, all }) => ({
    kind: "move",
    mentor: random.pick(all),
    organisation: random.integer(0, 1),
  })],
  [1, (scene) => ({
    kind: "expire",
    mentor: scene.random.pick(scene.all),
    daysAgo: ++scene.expiries,
  })],
  [2, ({ random, all }) => ({ kind: "force_sync", mentor: random.pick(all) })],
  [1, ({ random }) => ({ kind: "requeue", organisation: random.integer(0, 1) })],
  [2, ({ random }) => ({ kind: "night", times: random.integer(1, 3) })],
  [2, ({ random }) => ({ kind: "sweep", times: random.integer(1, 3) })],
  [1, ({ random }) => ({ kind: "nudge", times: random.integer(1, 5) })],
];

const CREDENTIALS: readonly CredentialsTrouble[] = [
  "tokens_revoked",
  "secret_changed",
  "secret_expired",
  "app_disabled",
  "no_user",
  "no_privilege",
  "renewed",
  "renewed",
];

/** What goes wrong, by sort. */
const TROUBLES: readonly Make[] = [
  ({ random }) => ({
    kind: "nudges",
    fate: random.pick(["arrive", "lost", "doubled", "late"]),
  }),
  (scene) => dynamics(scene, throttle(scene.random)),
  (scene) => dynamics(scene, brokenAnswer(scene.random)),
  (scene) => dynamics(scene, lateAnswer(scene.random)),
  (scene) => ({ ...dynamics(scene, tokenTrouble(scene.random)), mentor: null }),
  ({ random }) => ({ kind: "credentials", change: random.pick(CREDENTIALS) }),
  ({ random }) => ({ kind: "latency", seconds: random.pick([0, 0.02, 0.1, 0.2]) }),
  ({ random }) => ({
    kind: "rest",
    call: random.pick(random.chance(0.7) ? BUSY_CALLS : REST_CALLS),
    moment: random.pick(["before", "after"]),
    trouble: random.pick(["refuse", "html", "cut", "slow", "hang"]),
    times: random.integer(1, 4),
  }),
  ({ random }) => ({ kind: "audit_log", trouble: random.pick(["refuse", "lock"]) }),
  () => ({ kind: "outage", part: "pg_net" }),
  () => ({ kind: "outage", part: "vault" }),
  ({ random, workers }) => ({ kind: "kill", worker: random.integer(0, workers - 1) }),
  // Several times, so that over a run workers die at each point of an attempt and of a night.
  killAtBusyCall,
  killAtBusyCall,
  ({ random }) => ({
    kind: "kill_at",
    call: random.pick(REST_CALLS),
    moment: random.pick(["before", "after"]),
  }),
  ({ random, workers }) => ({
    kind: "stall",
    worker: random.integer(0, workers - 1),
    seconds: random.pick([0.3, LONGER_THAN_A_LEASE_SECONDS]),
  }),
  ({ random }) => ({
    kind: "database",
    trouble: random.pick(["fast", "immediate", "terminate"]),
  }),
  ({ random, all }) => ({
    kind: "edit_listing",
    mentor: random.pick(all),
    published: random.chance(0.5),
  }),
  ({ random, all }) => ({ kind: "delete_listing", mentor: random.pick(all) }),
  ({ random }) => ({
    kind: "sync_enabled",
    organisation: random.integer(0, 1),
    enabled: random.chance(0.4),
  }),
];

function killAtBusyCall({ random }: Scene): Step {
  return {
    kind: "kill_at",
    call: random.pick([...BUSY_CALLS, "patch", "patch"] as const),
    moment: random.pick(["before", "after"]),
  };
}

function dynamics({ random, all }: Scene, trouble: DynamicsTrouble): Step & { kind: "dynamics" } {
  return {
    kind: "dynamics",
    trouble,
    times: random.pick([1, 1, 2, 3, 5]),
    mentor: random.chance(0.5) ? random.pick(all) : null,
  };
}

function throttle(random: Random): DynamicsTrouble {
  return {
    kind: "throttle",
    code: random.pick(THROTTLE_CODES),
    retryAfter: random.pick(["seconds", "date", "missing"]),
  };
}

function brokenAnswer(random: Random): DynamicsTrouble {
  return random.pick<DynamicsTrouble>([
    { kind: "error", status: 500, code: "0x80044150" },
    { kind: "error", status: 503, code: "" },
    { kind: "error", status: 412, code: "0x80060882" },
    { kind: "error", status: 400, code: "0x80048d19" },
    { kind: "html", status: 502 },
    { kind: "html", status: 200 },
    { kind: "html", status: 404 },
    { kind: "reset" },
    { kind: "commit_then_reset" },
  ]);
}

function lateAnswer(random: Random): DynamicsTrouble {
  return {
    kind: random.pick(["late_answer", "late_answer", "late_commit"]),
    seconds: random.pick([0.1, LATE_SECONDS]),
  };
}

function tokenTrouble(random: Random): DynamicsTrouble {
  return { kind: "token", answer: random.pick(["unavailable", "throttle", "html", "reset"]) };
}
