import * as z from "zod/mini";
import { auditRow } from "../_shared/audit_log.ts";
import { DatabaseError, describe } from "../_shared/errors.ts";
import { callFunction, type DatabaseClient } from "../_shared/service_client.ts";
import { type AttemptDependencies, tellDatabase, tellDynamics } from "./attempt.ts";
import type { Decision } from "../_shared/dataverse/decide.ts";
import type { ClaimedAttempt, Fate } from "./queue.ts";

/** What a request by hand is answered with. */
export interface ForceSyncDependencies extends AttemptDependencies {
  /** A client that carries the caller's token. */
  readonly asUser: (userToken: string) => DatabaseClient;
}

/** What a coordinator gets to see. */
export interface ForceSyncReport {
  /** As it was asked for. */
  readonly mentor_id: string;
  /** Id of the audit row; null before an attempt. */
  readonly attempt_id: string | null;
  /** What Dynamics was asked for; null before an attempt. */
  readonly operation: "remove" | "restore" | null;
  /** `pending`: not known yet; the sync goes on by itself. */
  readonly outcome: "success" | "failure" | "dead_lettered" | "pending";
  /** HTTP status of Dynamics; null without an answer. */
  readonly response_code: number | null;
  /** As in the audit row. */
  readonly retry_count: number | null;
  /** `error_message` of the audit row, or the class for which no attempt was made. */
  readonly error: string | null;
  /** Whether the database knows what this says. Where it does not, the attempt may be repeated. */
  readonly recorded: boolean;
  /** ISO 8601; when the next attempt may start, where that is known. */
  readonly next_attempt_at?: string;
}

/** Why something asked for by hand is not done. */
export type ManualRefusal = "unauthorised" | z.infer<typeof refusal>;
const refusal = z.enum(["not_found", "not_coordinator", "sync_disabled", "too_many_requests"]);

/** The answer to a request by hand. */
export type ForceSyncAnswer =
  | {
    readonly kind: "done" | "pending";
    readonly report: ForceSyncReport;
    /** What still goes on, although it is not waited for any longer; never rejects. */
    readonly rest: Promise<unknown>;
  }
  | { readonly kind: "refused"; readonly reason: ManualRefusal };

/** As long as a person waits, from the press to the answer; a request to Dynamics may take longer. */
const PATIENCE_SECONDS = 20;
const POLL_SECONDS = [0.1, 0.2, 0.4, 0.8];

const permissionName = "request_hlf_force_sync";
const permission = z.lazy(() =>
  z.tuple([z.union([
    z.object({ result: z.literal("accepted"), generation: z.int() }),
    z.object({ result: refusal }),
  ])])
);

/**
 * Syncs one mentor now on behalf of a signed-in user. The database decides whether they may. Whatever takes longer than a
 * person waits, a request to Dynamics or the database, goes on without an answer.
 *
 * @throws {DatabaseError} when the database could not be asked; once it has accepted, a fault only
 * means that the answer is not known yet
 */
export async function forceSync(
  deps: ForceSyncDependencies,
  mentorId: string,
  userToken: string,
): Promise<ForceSyncAnswer> {
  const patience = new AbortController();
  const tooLate = deps.sleep(PATIENCE_SECONDS, patience.signal);
  try {
    const asked = await Promise.race([askPermission(deps.asUser(userToken), mentorId), tooLate]);
    if (asked === undefined) throw new DatabaseError(permissionName, "network", 0);
    if (typeof asked === "string") return { kind: "refused", reason: asked };
    const press = new Press(deps, mentorId, asked.generation);
    const rest = press.run();
    await Promise.race([rest, tooLate]);
    press.stop();
    const { report } = press;
    return { kind: report.outcome === "pending" ? "pending" : "done", report, rest };
  } finally {
    patience.abort();
  }
}

/** `unauthorised` where the database does not take the token, or it belongs to nobody who is signed in (42501). */
async function askPermission(
  client: DatabaseClient,
  mentorId: string,
): Promise<ManualRefusal | { generation: number }> {
  try {
    const [row] = await callFunction(client, permissionName, { mentor_id: mentorId }, permission);
    return row.result === "accepted" ? row : row.result;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const { status, code } = error;
    if (status === 401 || code === "42501" || /^PGRST30[0-3]$/.test(code)) return "unauthorised";
    throw error;
  }
}

/** Makes the attempt, or watches another worker make it; what is known so far is in `report`. */
class Press {
  report: ForceSyncReport;
  #isOver = false;
  #hasReopened = false;

  constructor(
    private readonly deps: ForceSyncDependencies,
    private readonly mentorId: string,
    private readonly generation: number,
  ) {
    this.report = {
      mentor_id: mentorId,
      attempt_id: null,
      operation: null,
      outcome: "pending",
      response_code: null,
      retry_count: null,
      error: null,
      recorded: true,
    };
  }

  /** Nobody waits any longer: an attempt under way goes on, and none is begun. */
  stop(): void {
    this.#isOver = true;
  }

  async run(): Promise<void> {
    let fault: unknown;
    for (let tries = 0; !this.#isOver; tries++) {
      try {
        return await this.#follow();
      } catch (error) {
        // A restart of REST takes seconds, whatever it and its gateway answer meanwhile, and is worth no line.
        fault = error;
        await this.deps.sleep(POLL_SECONDS[tries] ?? 1);
      }
    }
    this.deps.log({ level: "error", event: "manual_action_failed", ...describe(fault) });
  }

  async #follow(): Promise<void> {
    const { queue, gate, sleep } = this.deps;
    let mayClaim = true;
    for (let polls = 0; !this.#isOver; polls++) {
      if (mayClaim && await this.#attempt()) return;
      const fate = await queue.follow(this.mentorId, this.generation);
      if (fate === null) return;
      this.#note(fate);
      if (fate.outcome !== "pending") return;
      mayClaim = fate.is_due;
      const { gate_reason: gateReason, gate_seconds: gateSeconds } = fate;
      if (gateReason === "credentials" || gateReason === "settings") {
        const isOpen = !this.#hasReopened && await gate.reopen(gateReason);
        if (isOpen === false) {
          return this.#fail(gateReason === "credentials" ? "credentials_rejected" : "rejected");
        }
        if (isOpen) this.#hasReopened = mayClaim = true;
      } else if (gateSeconds !== null && gateSeconds > PATIENCE_SECONDS) {
        return this.#fail("throttled");
      }
      await sleep(POLL_SECONDS[polls] ?? 1);
    }
  }

  /** @returns whether there is nothing more to find out */
  async #attempt(): Promise<boolean> {
    const { tokens, gate, queue, clock, settings } = this.deps;
    const token = await tokens.get();
    if (token.kind !== "token") {
      if (token.kind === "rejected") await gate.rejectCredentials(token);
      this.#fail(token.kind === "rejected" ? "credentials_rejected" : token.class);
      return true;
    }
    // What a claim takes that nobody waits for is left to the drain.
    if (this.#isOver) return true;
    const leaseUntil = clock.monotonic() + settings.leaseSeconds * 1000;
    const attempt = await queue.claimOne(this.mentorId, settings);
    if (attempt === null) return false;
    const answer = await tellDynamics(this.deps, attempt, leaseUntil);
    if (answer === null) return true;
    this.#tell(attempt, answer, false);
    const { decision, settled } = await tellDatabase(this.deps, attempt, answer);
    const isRecorded = settled.result === "settled" || settled.result === "given_up";
    this.#tell(attempt, decision, isRecorded);
    return true;
  }

  /** What Dynamics answered. */
  #tell(attempt: ClaimedAttempt, decision: Decision, recorded: boolean): void {
    const row = auditRow(attempt, decision);
    const delay = decision.retryDelaySeconds;
    this.report = {
      mentor_id: row.mentor_id,
      attempt_id: row.id,
      operation: row.operation,
      outcome: row.outcome,
      response_code: row.dynamics_response_code,
      retry_count: row.retry_count,
      error: row.error_message,
      recorded,
      ...(delay !== null && {
        next_attempt_at: new Date(this.deps.clock.epoch() + delay * 1000).toISOString(),
      }),
    };
  }

  /** What the database says, which another worker may have told it. */
  #note(fate: Fate): void {
    const { next_attempt_at, is_due: _due, gate_reason: _reason, gate_seconds: _seconds, ...said } =
      fate;
    this.report = {
      mentor_id: this.mentorId,
      ...said,
      recorded: true,
      ...(next_attempt_at !== null && { next_attempt_at }),
    };
  }

  #fail(error: string): void {
    this.report = { ...this.report, error };
  }
}
