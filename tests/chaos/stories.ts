import type { DynamicsTrouble } from "./dynamics_trouble.ts";
import type { Random } from "./random.ts";
import type { MentorStatus, Schedule, Step } from "./step.ts";

/** When Dynamics answers, or carries out, what its sender has given up. */
export const LATE_SECONDS = 2.4;

/** Steps that lead to something together, which chance alone would seldom put in this order. */
type Story = (random: Random, mentor: number) => Schedule["steps"];

function after(afterMilliseconds: number, step: Step): Schedule["steps"][number] {
  return { afterMilliseconds, step };
}

function status(mentor: number, to: MentorStatus): Step {
  return { kind: "status", mentors: [mentor], status: to };
}

function trouble(mentor: number, what: DynamicsTrouble, times: number): Step {
  return { kind: "dynamics", trouble: what, times, mentor };
}

export const STORIES: readonly Story[] = [
  // Dynamics carries out what was given up, after it has confirmed the opposite.
  (random, mentor) => {
    const [first, second] = random.pick<readonly [MentorStatus, MentorStatus]>([
      ["paused", "active"],
      ["active", "paused"],
    ]);
    return [
      // So that the first change is one.
      after(0, status(mentor, second)),
      after(150, trouble(mentor, { kind: "late_commit", seconds: LATE_SECONDS }, 1)),
      after(10, status(mentor, first)),
      after(random.integer(300, 700), status(mentor, second)),
    ];
  },
  // The last attempt of a series meets rejected credentials.
  (random, mentor) => {
    const code = random.pick(["0x80040220", "0x80072560"]);
    return [
      after(0, status(mentor, "active")),
      after(200, trouble(mentor, { kind: "error", status: 503, code: "" }, 3)),
      after(0, trouble(mentor, { kind: "error", status: 403, code }, random.integer(1, 2))),
      after(10, status(mentor, "resigned")),
      // As long as three retries take: the faults end with the last step.
      after(1_000, { kind: "sweep", times: 1 }),
    ];
  },
  // A worker dies over a request that Dynamics has carried out, and the mentor changes meanwhile.
  (random, mentor) => [
    after(0, { kind: "kill_at", call: "patch", moment: random.pick(["before", "after"]) }),
    after(30, status(mentor, "resigned")),
    after(random.integer(20, 200), status(mentor, "active")),
  ],
  // Two workers and an open transaction want the same mentor.
  (random, mentor) => [
    after(0, trouble(mentor, { kind: "late_answer", seconds: 0.4 }, 2)),
    after(0, status(mentor, "paused")),
    after(random.integer(50, 150), {
      kind: "slow_status",
      mentors: [mentor],
      status: "active",
      seconds: 0.6,
    }),
    after(10, { kind: "force_sync", mentor }),
    after(10, { kind: "sweep", times: 2 }),
  ],
];
