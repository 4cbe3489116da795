import type { Sleep } from "./clock.ts";
import type { Database } from "./database.types.ts";
import { type Log, safeCode } from "./log.ts";
import type { DatabaseAnswer, DatabaseClient } from "./service_client.ts";

/** A row as it is sent. `created_at` is missing: the database alone stamps it. */
export type AuditInsert = Omit<
  Required<Database["public"]["Tables"]["hlf_sync_audit_log"]["Insert"]>,
  "created_at"
>;

/** What the audit row says of an attempt before its outcome is known. */
export interface AuditedAttempt {
  /** UUIDv7, made by the database; the id of the row. */
  readonly attemptId: string;
  /** The organisation that the mentor belonged to at the claim. */
  readonly organisationId: string;
  /** Whose listing it is about. */
  readonly mentorId: string;
  /** What Dynamics is asked for. */
  readonly operation: "remove" | "restore";
  /** Attempts made before this one. */
  readonly retryCount: number;
  /** A word of `hlf_sync.is_sync_event`. */
  readonly triggeredByEvent: string;
}

/** How an attempt ended. */
export interface AuditedOutcome {
  /** `dead_lettered`: failed, and no other attempt follows by itself. */
  readonly outcome: "success" | "failure" | "dead_lettered";
  /** HTTP status of Dynamics; null without an answer. */
  readonly responseCode: number | null;
  /** `<class>[ code=0x…][ request=<uuid>]`; null on success. */
  readonly errorMessage: string | null;
}

/** What the database is told besides. */
export interface SettledOutcome extends AuditedOutcome {
  /** Until the next attempt; only for `failure`. */
  readonly retryDelaySeconds: number | null;
}

/**
 * The audit row of one attempt. A dead letter states the attempts made in all, every other outcome
 * those made before.
 */
export function auditRow(attempt: AuditedAttempt, result: AuditedOutcome): AuditInsert {
  return {
    id: attempt.attemptId,
    organisation_id: attempt.organisationId,
    mentor_id: attempt.mentorId,
    operation: attempt.operation,
    dynamics_response_code: result.responseCode,
    retry_count: result.outcome === "dead_lettered" ? attempt.retryCount + 1 : attempt.retryCount,
    outcome: result.outcome,
    error_message: result.errorMessage,
    triggered_by_event: attempt.triggeredByEvent,
  };
}

/**
 * What is told to the database of several attempts: all from which it would write the same rows itself, if these are lost. A
 * value that only the worker knows is in both.
 */
export function settleArguments(
  settlements: readonly { readonly attemptId: string; readonly decision: SettledOutcome }[],
): Database["public"]["Functions"]["settle_hlf_sync_attempts"]["Args"] {
  const decisions = settlements.map(({ decision }) => decision);
  return {
    attempt_ids: settlements.map(({ attemptId }) => attemptId),
    outcomes: decisions.map(({ outcome }) => outcome),
    // The generated types do not know that arrays may hold nulls; Postgres does.
    response_codes: decisions.map(({ responseCode }) => responseCode) as number[],
    error_messages: decisions.map(({ errorMessage }) => errorMessage) as string[],
    retry_delays_seconds: decisions.map(({ retryDelaySeconds }) => retryDelaySeconds) as number[],
  };
}

/** Inserts rows in one request; resolves with the answer of the client. */
export type InsertAuditRows = (rows: AuditInsert[]) => PromiseLike<DatabaseAnswer>;

/** Inserts over REST, with a client that carries a secret key. */
export function insertAuditRowsWith(client: DatabaseClient): InsertAuditRows {
  return (rows) => client.from("hlf_sync_audit_log").insert(rows);
}

/** Writes the audit rows of one worker. */
export interface AuditLogWriter {
  /** Hands a row over. Neither waits nor throws; a row that is lost the database fills in later. */
  write(row: AuditInsert): void;
  /** Resolves when nothing is under way, whatever became of it. Never rejects. */
  idle(): Promise<void>;
}

/** Keeps the line about a failed insert within the 10,000 characters that Supabase logs. */
const LARGEST_INSERT = 200;
/** Before an insert, so that the settling of the same attempt, for which somebody may be waiting, goes first. */
const PAUSE_SECONDS = 0.02;
/**
 * In a backlog, one request per few rows would cost more than the rows, so while inserts have several rows the next one
 * waits for more. Nothing waits for these inserts; rows lost with a worker are filled in by the database.
 */
const GATHER_SECONDS = 0.1;
const SEVERAL_ROWS = 10;
const ENOUGH_ROWS = 100;

/** Writes audit rows beside the sync, all that arrived meanwhile in one insert. */
export function createAuditLogWriter(
  insert: InsertAuditRows,
  { log, sleep }: { readonly log: Log; readonly sleep: Sleep },
): AuditLogWriter {
  const waiting: AuditInsert[] = [];
  let underWay: Promise<void> | null = null;
  let gathering: AbortController | null = null;
  let isAwaited = false;

  async function insertWaiting(): Promise<void> {
    let isBacklog = false;
    while (waiting.length > 0) {
      if (waiting.length < ENOUGH_ROWS) await gather(isBacklog ? GATHER_SECONDS : PAUSE_SECONDS);
      // Same order as `hlf_sync.fill_audit_gaps`, so that the two cannot deadlock.
      const rows = waiting.splice(0, LARGEST_INSERT).sort((a, b) => a.id < b.id ? -1 : 1);
      const code = await tryInsert(rows);
      if (code !== null) {
        log({
          level: "error",
          event: "audit_insert_failed",
          code,
          attempt_ids: rows.map((row) => row.id),
        });
      }
      isBacklog = rows.length >= SEVERAL_ROWS;
    }
    underWay = null;
  }

  async function gather(seconds: number): Promise<void> {
    gathering = new AbortController();
    if (isAwaited) gathering.abort();
    await sleep(seconds, gathering.signal);
    gathering = null;
  }

  async function tryInsert(rows: AuditInsert[]): Promise<string | null> {
    try {
      const { error, status } = await insert(rows);
      if (error === null) return null;
      return status === 0 ? "network" : safeCode(error.code);
    } catch {
      return "network";
    }
  }

  return {
    write(row) {
      waiting.push(row);
      underWay ??= insertWaiting();
    },
    async idle() {
      // The caller is done writing: do not wait for more rows.
      isAwaited = true;
      gathering?.abort();
      while (underWay !== null) await underWay;
      isAwaited = false;
    },
  };
}
