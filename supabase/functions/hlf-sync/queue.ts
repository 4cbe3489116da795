import { z } from "zod";
import { type AuditedAttempt, settleArguments } from "../_shared/audit_log.ts";
import { DatabaseError } from "../_shared/errors.ts";
import { type DatabaseAnswer, type DatabaseClient, unwrap } from "../_shared/service_client.ts";
import type { Decision } from "../_shared/dataverse/decide.ts";

/** What became of one attempt, for the database. */
export interface Settlement {
  /** As it was claimed. */
  readonly attemptId: string;
  /** What follows from the answer of Dynamics. */
  readonly decision: Decision;
}

/** Why nothing could be claimed. */
export interface Wait {
  /** Until a mentor can next be claimed; null when none is waiting. */
  readonly seconds: number | null;
  /** Why the gate is closed; null when it is open. */
  readonly gateReason: GateReason | null;
}

/** Why all workers stop: Dynamics asks to wait, refuses the credentials, or refuses whatever it is sent. */
export type GateReason = "throttled" | "credentials" | "settings";

/** Whether a request that is no attempt may be sent now; if so, it is counted. */
export interface Admission {
  /** False while a throttle holds, or the window is used up. */
  readonly isAdmitted: boolean;
  /** Why the gate is closed; null when it is open. */
  readonly gateReason: GateReason | null;
}

/** How much to claim, and for how long. */
export interface ClaimOptions {
  /** At most so many attempts. */
  readonly batchSize: number;
  /** After it the database ends an attempt that was not settled as interrupted. */
  readonly leaseSeconds: number;
  /** Of one series; the last is a dead letter unless it succeeds. */
  readonly maxAttempts: number;
  /** Claims this mentor or nobody. */
  readonly onlyMentorId?: string;
}

/** Ids of attempts that could not be settled. */
export interface Unsettled {
  /** The database has settled them already. */
  readonly leaseLost: readonly string[];
  /** The mentor is locked just now, by a transaction of the app: to be settled again. */
  readonly busy: readonly string[];
  /** Settled, and the database has given the mentor up for it. */
  readonly givenUp: readonly string[];
}

/** What one round trip of settling and claiming gave. */
export interface Exchange extends Unsettled {
  /** What was claimed. */
  readonly attempts: readonly ClaimedAttempt[];
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
  readonly attemptId: string | null;
  /** What is wanted. */
  readonly operation: "remove" | "restore";
  /** HTTP status of Dynamics. */
  readonly responseCode: number | null;
  /** As in the audit row. */
  readonly retryCount: number | null;
  /** `error_message` of the audit row. */
  readonly error: string | null;
  /** ISO 8601. */
  readonly nextAttemptAt: string | null;
  /** An attempt may be claimed now. */
  readonly isDue: boolean;
  /** Why the gate is closed; null when it is open. */
  readonly gateReason: GateReason | null;
  /** Until a throttle ends. */
  readonly gateSeconds: number | null;
}

/** The work that waits in the database. Every call throws {@linkcode DatabaseError} on a fault. */
export interface Queue {
  /** Takes what is due, removes first; nothing while the gate is closed. */
  claim(options: ClaimOptions): Promise<ClaimedAttempt[]>;
  /** Reports what became of attempts. May be repeated: an attempt is settled once. */
  settle(settlements: readonly Settlement[]): Promise<Unsettled>;
  /** Settles and then claims, in one round trip. */
  exchange(settlements: readonly Settlement[], claim: ClaimOptions): Promise<Exchange>;
  /** Asks how long nothing can be claimed. */
  wait(): Promise<Wait>;
  /** Closes the gate for everybody: for so many seconds, or until a probe gets through. */
  closeGate(reason: "throttled" | "credentials", seconds?: number): Promise<void>;
  /** Opens a gate that is closed for this reason, for one attempt to show whether it may stay open. */
  openGate(reason: "credentials" | "settings"): Promise<void>;
  /** Asks for one request outside of attempts: within the budget, and while no throttle holds everybody. */
  admitRequest(): Promise<Admission>;
  /** Notes whether Dynamics answered a health check; one that it did not is an alert at once. */
  noteHealth(isWell: boolean): Promise<void>;
  /** Whether the database that asked, from whichever project, is the one that this function works on. */
  confirmProject(question: string): Promise<ProjectAnswer>;
  /** Null where the mentor is not known. */
  follow(mentorId: string, generation: number): Promise<Fate | null>;
}

/** `not asked here`: another database asked, a copy or the original of this one. `foreign`: this one is not ours. */
export type ProjectAnswer = "confirmed" | "not asked here" | "foreign";

const operation = z.enum(["remove", "restore"]);

const claimedRow = z.object({
  attempt_id: z.guid(),
  mentor_id: z.guid(),
  organisation_id: z.guid(),
  operation,
  retry_count: z.int().min(0),
  triggered_by_event: z.string(),
  is_last: z.boolean(),
}).transform((row): ClaimedAttempt => ({
  attemptId: row.attempt_id,
  mentorId: row.mentor_id,
  organisationId: row.organisation_id,
  operation: row.operation,
  retryCount: row.retry_count,
  triggeredByEvent: row.triggered_by_event,
  isLast: row.is_last,
}));

const claimed = z.array(claimedRow);

const unsettledRow = z.object({
  attempt_id: z.guid(),
  mentor_id: z.null(),
  result: z.enum(["lease_lost", "busy"]),
});

const exchanged = z.array(z.union([claimedRow, unsettledRow]));

const settled = z.array(z.object({
  attempt_id: z.guid(),
  result: z.enum(["settled", "lease_lost", "busy"]),
  outcome: z.enum(["success", "failure", "dead_lettered"]).nullable().optional(),
}));

const gateReason = z.enum(["throttled", "credentials", "settings"]).nullable();

const admissions = z.array(z.object({ is_admitted: z.boolean(), gate_reason: gateReason }))
  .length(1);

const waits = z.array(
  z.object({
    seconds: z.number().min(0).nullable(),
    gate_reason: gateReason,
  }),
).max(1);

const fates = z.array(
  z.object({
    outcome: z.enum(["success", "failure", "dead_lettered", "pending"]),
    attempt_id: z.guid().nullable(),
    operation,
    response_code: z.int().nullable(),
    retry_count: z.int().nullable(),
    error: z.string().nullable(),
    next_attempt_at: z.string().nullable(),
    is_due: z.boolean(),
    gate_reason: gateReason,
    gate_seconds: z.number().nullable(),
  }).transform((row): Fate => ({
    outcome: row.outcome,
    attemptId: row.attempt_id,
    operation: row.operation,
    responseCode: row.response_code,
    retryCount: row.retry_count,
    error: row.error,
    nextAttemptAt: row.next_attempt_at === null
      ? null
      : new Date(row.next_attempt_at).toISOString(),
    isDue: row.is_due,
    gateReason: row.gate_reason,
    gateSeconds: row.gate_seconds,
  })),
).max(1);

const projectAnswer = z.enum(["confirmed", "not asked here", "foreign"]);

/**
 * The queue over REST.
 *
 * @param client carries a secret key
 * @param projectUrl origin of the project whose function this is: the database of another one hands out nothing
 */
export function createQueue(client: DatabaseClient, projectUrl: string): Queue {
  return {
    async claim(options) {
      const answer = await client.rpc("claim_hlf_sync_attempts", {
        ...claimArguments(options),
        project_url: projectUrl,
      });
      return read("claim_hlf_sync_attempts", answer, claimed);
    },

    async settle(settlements) {
      const answer = await client.rpc("settle_hlf_sync_attempts", settleArguments(settlements));
      const rows = read("settle_hlf_sync_attempts", answer, settled);
      return {
        leaseLost: idsOf(rows, "lease_lost"),
        busy: idsOf(rows, "busy"),
        givenUp: idsOf(rows.filter((row) => row.outcome === "dead_lettered"), "settled"),
      };
    },

    async exchange(settlements, options) {
      const name = "exchange_hlf_sync_attempts";
      const answer = await client.rpc(name, {
        ...settleArguments(settlements),
        ...claimArguments(options),
        project_url: projectUrl,
      });
      const rows = read(name, answer, exchanged);
      const unsettled = rows.filter((row) => "result" in row);
      return {
        leaseLost: idsOf(unsettled, "lease_lost"),
        busy: idsOf(unsettled, "busy"),
        // Refusals, which alone the database may give up, are never settled here.
        givenUp: [],
        attempts: rows.filter((row) => "attemptId" in row),
      };
    },

    async wait() {
      const [row] = read("get_hlf_sync_wait", await client.rpc("get_hlf_sync_wait"), waits);
      return { seconds: row?.seconds ?? null, gateReason: row?.gate_reason ?? null };
    },

    async closeGate(reason, seconds) {
      unwrap(
        "close_hlf_sync_gate",
        await client.rpc("close_hlf_sync_gate", {
          reason,
          ...(seconds !== undefined && { seconds }),
        }),
      );
    },

    async openGate(reason) {
      unwrap("open_hlf_sync_gate", await client.rpc("open_hlf_sync_gate", { reason }));
    },

    async admitRequest() {
      const name = "admit_hlf_sync_request";
      const [row] = read(name, await client.rpc(name), admissions);
      return { isAdmitted: row?.is_admitted ?? false, gateReason: row?.gate_reason ?? null };
    },

    async noteHealth(isWell) {
      const name = "note_hlf_sync_health";
      unwrap(name, await client.rpc(name, { is_well: isWell }));
    },

    async confirmProject(question) {
      const name = "confirm_hlf_sync_project";
      const answer = await client.rpc(name, { project_url: projectUrl, question });
      return read(name, answer, projectAnswer);
    },

    async follow(mentorId, generation) {
      const name = "follow_hlf_sync_request";
      const answer = await client.rpc(name, { mentor_id: mentorId, generation });
      return read(name, answer, fates)[0] ?? null;
    },
  };
}

function claimArguments({ batchSize, leaseSeconds, maxAttempts, onlyMentorId }: ClaimOptions) {
  return {
    batch_size: batchSize,
    lease_seconds: leaseSeconds,
    max_attempts: maxAttempts,
    ...(onlyMentorId !== undefined && { only_mentor_id: onlyMentorId }),
  };
}

function idsOf<T extends string>(
  rows: readonly { readonly attempt_id: string; readonly result: T }[],
  result: T,
): string[] {
  return rows.filter((row) => row.result === result).map((row) => row.attempt_id);
}

/** What reads outside data: a schema of zod. */
export interface Reader<T> {
  /** The data as they are to be, or an error. */
  safeParse(data: unknown): { success: true; data: T } | { success: false; error: Error };
}

/**
 * Reads what the database answered.
 *
 * @throws {DatabaseError} with `invalid_answer` when the answer is not of the expected shape
 */
export function read<T>(operation: string, answer: DatabaseAnswer, schema: Reader<T>): T {
  const parsed = schema.safeParse(unwrap(operation, answer));
  if (parsed.success) return parsed.data;
  throw new DatabaseError(operation, "invalid_answer", answer.status, { cause: parsed.error });
}
