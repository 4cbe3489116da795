import * as z from "zod/mini";
import { type AuditedAttempt, settleArguments } from "../_shared/audit_log.ts";
import { callFunction, type DatabaseClient, nothing } from "../_shared/service_client.ts";
import type { Decision } from "../_shared/dataverse/decide.ts";

/** What became of one attempt, for the database. */
export interface Settlement {
  /** As it was claimed. */
  readonly attemptId: string;
  /** Removes are told apart, as they wait for no others. */
  readonly operation: AuditedAttempt["operation"];
  /** What follows from the answer of Dynamics. */
  readonly decision: Decision;
}

/** How much to claim, and for how long. */
export interface ClaimOptions {
  /** After it the database ends an attempt that was not settled as interrupted. */
  readonly leaseSeconds: number;
  /** Of one series; the last is a dead letter unless it succeeds. */
  readonly maxAttempts: number;
}

/** How much a drain claims. */
export interface ClaimAheadOptions extends ClaimOptions {
  /** Whose lease on the backlog it is; a UUID. */
  readonly worker: string;
  /** At most so many attempts. */
  readonly batchSize: number;
  /** So many removes beyond the batch. */
  readonly moreRemoves: number;
  /** Which of the worker's claims it is; and those that had no answer, which it undoes, as nothing of theirs was sent. */
  readonly claim: { readonly number: number; readonly lost: readonly number[] };
}

/** An attempt that this worker, and no other, may make until its lease ends. */
export interface ClaimedAttempt extends AuditedAttempt {
  /** Without success this attempt is the dead letter. */
  readonly isLast: boolean;
}

/** The work that waits in the database. Every call throws a `DatabaseError` on a fault. */
export interface Queue {
  /** For a press, which has a place of its own. */
  claimOne(mentorId: string, options: ClaimOptions): Promise<ClaimedAttempt | null>;
  /** For a drain. */
  claimAhead(options: ClaimAheadOptions): Promise<ClaimedAhead>;
  /**
   * Undoes the claim of what was not sent, and ends this worker's lease on the backlog.
   *
   * @returns ids of those whose mentor is locked just now
   */
  handBack(worker: string, attemptIds: readonly string[]): Promise<string[]>;
  /** Reports what became of attempts, by attempt. May be repeated: an attempt is settled once. */
  settle(settlements: readonly Settlement[]): Promise<ReadonlyMap<string, SettledRow>>;
  /** Closes the gate for everybody: for so many seconds, or until a probe gets through. */
  closeGate(reason: "throttled" | "credentials", seconds?: number): Promise<void>;
  /** Opens a gate that is closed for this reason, for one attempt to show whether it may stay open. */
  openGate(reason: "credentials" | "settings"): Promise<void>;
  /**
   * Asks for one request outside of attempts, which is counted if it may be sent: within the budget, and while no throttle
   * holds everybody.
   */
  admitRequest(): Promise<boolean>;
  /** Notes whether Dynamics answered a health check; one that it did not is an alert at once. */
  noteHealth(isWell: boolean): Promise<void>;
  /** Whether the database that asked, from whichever project, is the one that this function works on. */
  confirmProject(question: string): Promise<ProjectAnswer>;
  /** Null where the mentor is not known. */
  follow(mentorId: string, generation: number): Promise<Fate | null>;
}

const operation = z.enum(["remove", "restore"]);

const claimed = z.array(z.pipe(
  z.object({
    attempt_id: z.guid(),
    mentor_id: z.guid(),
    organisation_id: z.guid(),
    operation,
    retry_count: z.int().check(z.minimum(0)),
    triggered_by_event: z.string(),
    is_last: z.boolean(),
  }),
  z.transform((row): ClaimedAttempt => ({
    attemptId: row.attempt_id,
    mentorId: row.mentor_id,
    organisationId: row.organisation_id,
    operation: row.operation,
    retryCount: row.retry_count,
    triggeredByEvent: row.triggered_by_event,
    isLast: row.is_last,
  })),
));

/** What became of a settlement. */
export type SettledRow = z.infer<typeof settledRow>;
const settledRow = z.object({
  /** Which it was. */
  attempt_id: z.guid(),
  /** `lease_lost`: settled already. `busy`: locked just now by a transaction of the app, so to be settled again. */
  result: z.enum(["settled", "lease_lost", "busy"]),
  /** What stands now: the database may have made a dead letter of a refusal. */
  outcome: z.nullable(z.enum(["success", "failure", "dead_lettered"])),
  /** When the mentor is due next; null when it is not. */
  due_in_seconds: z.nullable(z.number()),
});
const settledRows = z.array(settledRow);

/** Why all workers stop: Dynamics asks to wait, refuses the credentials, or refuses whatever it is sent. Null: they do not. */
const gateReason = z.nullable(z.enum(["throttled", "credentials", "settings"]));

/** What a drain is given. */
export type ClaimedAhead = z.infer<typeof claimedAhead>;
const claimedAhead = z.object({
  /** Leased to whoever asked. */
  attempts: claimed,
  /** How many requests may be in flight, beside everybody else's attempts. */
  places: z.int().check(z.minimum(0)),
  /** More may be due than was handed out, and this worker is its drainer. */
  has_more: z.boolean(),
  /** Another worker is the drainer. */
  is_elsewhere: z.boolean(),
  /** When it is worth asking again; null when nobody waits. */
  seconds: z.nullable(z.number()),
  gate_reason: gateReason,
  /** How long the attempts may wait to be sent, from before the claim. */
  ready_seconds: z.number(),
});

/** What became of a request to sync one mentor, by the database's clock. */
export type Fate = z.infer<typeof fate>;
const fate = z.lazy(() =>
  z.object({
    /** `pending`: no attempt has ended yet. */
    outcome: z.enum(["success", "failure", "dead_lettered", "pending"]),
    /** The latest attempt; null before the first. */
    attempt_id: z.nullable(z.guid()),
    /** What is wanted. */
    operation,
    /** HTTP status of Dynamics. */
    response_code: z.nullable(z.int()),
    /** As in the audit row. */
    retry_count: z.nullable(z.int()),
    /** `error_message` of the audit row. */
    error: z.nullable(z.string()),
    /** ISO 8601. */
    next_attempt_at: z.nullable(
      z.pipe(z.string(), z.transform((text) => new Date(text).toISOString())),
    ),
    /** An attempt may be claimed now. */
    is_due: z.boolean(),
    gate_reason: gateReason,
    /** Until a throttle ends. */
    gate_seconds: z.nullable(z.number()),
  })
);
const fates = z.lazy(() => z.array(fate).check(z.maxLength(1)));

const admissions = z.lazy(() => z.tuple([z.object({ is_admitted: z.boolean() })]));

/** `not asked here`: another database asked, a copy or the original of this one. `foreign`: this one is not ours. */
export type ProjectAnswer = z.infer<typeof projectAnswer>;
const projectAnswer = z.lazy(() => z.enum(["confirmed", "not asked here", "foreign"]));

const guids = z.array(z.guid());

/**
 * The queue over REST.
 *
 * @param client carries a secret key
 * @param projectUrl origin of the project whose function this is: the database of another one hands out nothing
 */
export function createQueue(client: DatabaseClient, projectUrl: string): Queue {
  return {
    async claimOne(mentorId, { leaseSeconds, maxAttempts }) {
      const [attempt] = await callFunction(client, "claim_hlf_sync_attempts", {
        batch_size: 1,
        lease_seconds: leaseSeconds,
        max_attempts: maxAttempts,
        only_mentor_id: mentorId,
        project_url: projectUrl,
      }, claimed);
      return attempt ?? null;
    },

    claimAhead: ({ worker, batchSize, moreRemoves, claim, leaseSeconds, maxAttempts }) =>
      callFunction(client, "claim_hlf_sync_ahead", {
        worker,
        batch_size: batchSize,
        more_removes: moreRemoves,
        lease_seconds: leaseSeconds,
        max_attempts: maxAttempts,
        project_url: projectUrl,
        claim_number: claim.number,
        lost_claims: [...claim.lost],
      }, claimedAhead),

    handBack: (worker, ids) =>
      callFunction(client, "hand_back_hlf_sync_attempts", { worker, attempt_ids: [...ids] }, guids),

    async settle(settlements) {
      const args = settleArguments(settlements);
      const rows = await callFunction(client, "settle_hlf_sync_attempts", args, settledRows);
      return new Map(rows.map((row) => [row.attempt_id, row]));
    },

    closeGate(reason, seconds) {
      const args = { reason, ...(seconds !== undefined && { seconds }) };
      return callFunction(client, "close_hlf_sync_gate", args, nothing);
    },

    openGate: (reason) => callFunction(client, "open_hlf_sync_gate", { reason }, nothing),

    async admitRequest() {
      const [row] = await callFunction(client, "admit_hlf_sync_request", {}, admissions);
      return row.is_admitted;
    },

    noteHealth: (isWell) =>
      callFunction(client, "note_hlf_sync_health", { is_well: isWell }, nothing),

    confirmProject(question) {
      const args = { project_url: projectUrl, question };
      return callFunction(client, "confirm_hlf_sync_project", args, projectAnswer);
    },

    async follow(mentorId, generation) {
      const args = { mentor_id: mentorId, generation };
      const [known] = await callFunction(client, "follow_hlf_sync_request", args, fates);
      return known ?? null;
    },
  };
}
