import type { DynamicsTrouble } from "./dynamics_trouble.ts";

export type MentorStatus = "active" | "paused" | "expired_cert" | "resigned";

/** What the workers call over REST, and so where one of them can be interrupted. */
export const REST_RESOURCES = {
  claim: "rpc/claim_hlf_sync_ahead",
  claim_one: "rpc/claim_hlf_sync_attempts",
  settle: "rpc/settle_hlf_sync_attempts",
  hand_back: "rpc/hand_back_hlf_sync_attempts",
  follow: "rpc/follow_hlf_sync_request",
  close_gate: "rpc/close_hlf_sync_gate",
  open_gate: "rpc/open_hlf_sync_gate",
  audit: "hlf_sync_audit_log",
  begin_night: "rpc/begin_hlf_reconciliation",
  report_night: "rpc/report_hlf_listings",
  finish_night: "rpc/finish_hlf_reconciliation",
} as const;
export type RestCall = keyof typeof REST_RESOURCES;

/** Before the database saw the call, or after it has done its part. */
export type Moment = "before" | "after";

/**
 * - `refuse`: 503 as PostgREST gives it
 * - `html`: 502 of some gateway
 * - `cut`: the connection breaks in the middle of the answer
 * - `slow`: a fifth of a second late
 * - `hang`: no answer until the faults are over
 */
export type RestTrouble = "refuse" | "html" | "cut" | "slow" | "hang";

export type CredentialsTrouble =
  | "tokens_revoked"
  | "secret_changed"
  | "secret_expired"
  | "app_disabled"
  | "no_user"
  | "no_privilege"
  | "renewed";

/** One thing that happens. Mentors, organisations and workers are numbered from 0. */
export type Step =
  | { kind: "status"; mentors: readonly number[]; status: MentorStatus }
  /** The same in a transaction that stays open a while. */
  | { kind: "slow_status"; mentors: readonly number[]; status: MentorStatus; seconds: number }
  | { kind: "delete"; mentors: readonly number[] }
  | { kind: "insert"; mentor: number; status: MentorStatus }
  | { kind: "move"; mentor: number; organisation: number }
  | { kind: "sync_enabled"; organisation: number; enabled: boolean }
  | { kind: "expire"; mentor: number; daysAgo: number }
  | { kind: "force_sync"; mentor: number }
  | { kind: "requeue"; organisation: number }
  | { kind: "edit_listing"; mentor: number; published: boolean }
  | { kind: "delete_listing"; mentor: number }
  | { kind: "night"; times: number }
  | { kind: "sweep"; times: number }
  | { kind: "nudge"; times: number }
  | { kind: "nudges"; fate: NudgeFate }
  | { kind: "dynamics"; trouble: DynamicsTrouble; times: number; mentor: number | null }
  | { kind: "credentials"; change: CredentialsTrouble }
  | { kind: "latency"; seconds: number }
  | { kind: "rest"; call: RestCall; moment: Moment; trouble: RestTrouble; times: number }
  | { kind: "audit_log"; trouble: "refuse" | "lock" }
  /** Until the faults are over, what the database calls the outside with raises: `stand_in.faults`. */
  | { kind: "outage"; part: "pg_net" | "vault" }
  | { kind: "kill"; worker: number }
  | { kind: "kill_at"; call: RestCall | "patch"; moment: Moment }
  | { kind: "stall"; worker: number; seconds: number }
  | { kind: "database"; trouble: "fast" | "immediate" | "terminate" };

/** What becomes of webhooks on their way to the function. */
export type NudgeFate = "arrive" | "lost" | "doubled" | "late";

/** Everything there is to a schedule but the time it takes. */
export interface Schedule {
  readonly seed: number;
  readonly mentors: number;
  readonly workers: number;
  /** Mentors that Dynamics has no listing of. */
  readonly unlisted: readonly number[];
  /** How long Dynamics takes for each answer, in seconds. */
  readonly latency: number;
  readonly steps: readonly { readonly afterMilliseconds: number; readonly step: Step }[];
}

/** One line for a person. */
function describeStep(step: Step): string {
  const { kind, ...rest } = step;
  const details = Object.entries(rest)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [kind, ...details].join(" ");
}

/** All of a schedule, a line for each step. */
export function describeSchedule(schedule: Schedule): string[] {
  const { seed, mentors, workers, unlisted, latency, steps } = schedule;
  let at = 0;
  return [
    `seed ${seed}: ${mentors} mentors (not listed: ${unlisted.join(", ") || "none"}), ` +
    `${workers} workers, latency ${latency} s`,
    ...steps.map(({ afterMilliseconds, step }) => {
      at += afterMilliseconds;
      return `${String(at).padStart(5)} ms  ${describeStep(step)}`;
    }),
  ];
}
