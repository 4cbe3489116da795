import * as z from "zod/mini";
import { type AuditedAttempt, settleArguments } from "../_shared/audit_log.ts";
import { callFunction, type DatabaseClient } from "../_shared/service_client.ts";
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

/** What a drain is given. */
export interface ClaimedAhead {
  /** Leased to it. */
  readonly attempts: readonly ClaimedAttempt[];
  /** How many requests may be in flight, beside everybody else's attempts. */
  readonly places: number;
  /** More may be due than was handed out, and this worker is its drainer. */
  readonly has_more: boolean;
  /** Another worker is the drainer. */
  readonly is_elsewhere: boolean;
  /** When it is worth asking again; null when nobody waits. */
  readonly seconds: number | null;
  /** Why the gate is closed; null when it is open. */
  readonly gate_reason: GateReason | null;
  /** How long the attempts may wait to be sent, from before the claim. */
  readonly ready_seconds: number;
}

/** Why all workers stop: Dynamics asks to wait, refuses the credentials, or refuses whatever it is sent. */
export type GateReason = "throttled" | "credentials" | "settings";

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
}

/** What became of a settlement. */
export interface SettledRow {
  /** Which it was. */
  readonly attempt_id: string;
  /** `lease_lost`: settled already. `busy`: locked just now by a transaction of the app, so to be settled again. */
  readonly result: "settled" | "lease_lost" | "busy";
  /** What stands now: the database may have made a dead letter of a refusal. */
  readonly outcome: "success" | "failure" | "dead_lettered" | null;
  /** When the mentor is due next; null when it is not. */
  readonly due_in_seconds: number | null;
}

/** An attempt that this worker, and no other, may make until its lease ends. */
export interface ClaimedAttempt extends AuditedAttempt {
  /** Without success this attempt is the dead letter. */
  readonly isLast: boolean;
}

/** What became of a request to sync one mentor, by the database's clock. */
export interface Fate {
  /** `pending`: no attempt has ended yet. */
  readonly outcome: "success" | "failure" | "dead_lettered" | "pending";
  /** The latest attempt; null before the first. */
  readonly attempt_id: string | null;
  /** What is wanted. */
  readonly operation: "remove" | "restore";
  /** HTTP status of Dynamics. */
  readonly response_code: number | null;
  /** As in the audit row. */
  readonly retry_count: number | null;
  /** `error_message` of the audit row. */
  readonly error: string | null;
  /** ISO 8601. */
  readonly next_attempt_at: string | null;
  /** An attempt may be claimed now. */
  readonly is_due: boolean;
  /** Why the gate is closed; null when it is open. */
  readonly gate_reason: GateReason | null;
  /** Until a throttle ends. */
  readonly gate_seconds: number | null;
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

/** `not asked here`: another database asked, a copy or the original of this one. `foreign`: this one is not ours. */
export type ProjectAnswer = "confirmed" | "not asked here" | "foreign";

const operation = z.lazy(() => z.enum(["remove", "restore"]));

const claimedRow = z.lazy(() =>
  z.pipe(
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
  )
);

const claimed = z.lazy(() => z.array(claimedRow));

const settledRow = z.lazy(() =>
  z.object({
    attempt_id: z.guid(),
    result: z.enum(["settled", "lease_lost", "busy"]),
    outcome: z.nullable(z.enum(["success", "failure", "dead_lettered"])),
    due_in_seconds: z.nullable(z.number()),
  })
);

const gateReason = z.lazy(() => z.nullable(z.enum(["throttled", "credentials", "settings"])));

const claimedAhead = z.lazy(() =>
  z.object({
    attempts: claimed,
    places: z.int().check(z.minimum(0)),
    has_more: z.boolean(),
    is_elsewhere: z.boolean(),
    seconds: z.nullable(z.number()),
    gate_reason: gateReason,
    ready_seconds: z.number(),
  })
);

const admissions = z.lazy(() =>
  z.array(z.object({ is_admitted: z.boolean(), gate_reason: gateReason }))
    .check(z.length(1))
);

const fate = z.lazy(() =>
  z.object({
    outcome: z.enum(["success", "failure", "dead_lettered", "pending"]),
    attempt_id: z.nullable(z.guid()),
    operation,
    response_code: z.nullable(z.int()),
    retry_count: z.nullable(z.int()),
    error: z.nullable(z.string()),
    next_attempt_at: z.nullable(
      z.pipe(z.string(), z.transform((text) => new Date(text).toISOString())),
    ),
    is_due: z.boolean(),
    gate_reason: gateReason,
    gate_seconds: z.nullable(z.number()),
  })
);

const projectAnswer = z.lazy(() => z.enum(["confirmed", "not asked here", "foreign"]));

const nothing = z.unknown();

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

    claimAhead: ({ worker, batchSize, moreRemoves, leaseSeconds, maxAttempts }) =>
      callFunction(client, "claim_hlf_sync_ahead", {
        worker,
        batch_size: batchSize,
        more_removes: moreRemoves,
        lease_seconds: leaseSeconds,
        max_attempts: maxAttempts,
        project_url: projectUrl,
      }, claimedAhead),

    handBack: (worker, ids) =>
      callFunction(
        client,
        "hand_back_hlf_sync_attempts",
        { worker, attempt_ids: [...ids] },
        z.array(z.guid()),
      ),

    async settle(settlements) {
      const args = settleArguments(settlements);
      const rows = await callFunction(
        client,
        "settle_hlf_sync_attempts",
        args,
        z.array(settledRow),
      );
      return new Map(rows.map((row) => [row.attempt_id, row]));
    },

    async closeGate(reason, seconds) {
      const args = { reason, ...(seconds !== undefined && { seconds }) };
      await callFunction(client, "close_hlf_sync_gate", args, nothing);
    },

    async openGate(reason) {
      await callFunction(client, "open_hlf_sync_gate", { reason }, nothing);
    },

    async admitRequest() {
      const [row] = await callFunction(client, "admit_hlf_sync_request", {}, admissions);
      return row?.is_admitted ?? false;
    },

    async noteHealth(isWell) {
      await callFunction(client, "note_hlf_sync_health", { is_well: isWell }, nothing);
    },

    confirmProject(question) {
      const args = { project_url: projectUrl, question };
      return callFunction(client, "confirm_hlf_sync_project", args, projectAnswer);
    },

    async follow(mentorId, generation) {
      const args = { mentor_id: mentorId, generation };
      const [known] = await callFunction(
        client,
        "follow_hlf_sync_request",
        args,
        z.array(fate).check(z.maxLength(1)),
      );
      return known ?? null;
    },
  };
}
