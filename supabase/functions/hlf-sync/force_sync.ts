import { z } from "zod";
import { auditRow } from "../_shared/audit_log.ts";
import type { Clock, Sleep } from "../_shared/clock.ts";
import type { FailureClass } from "../_shared/dataverse/classify.ts";
import type { TokenSource } from "../_shared/dataverse/token.ts";
import { describe } from "../_shared/errors.ts";
import type { DatabaseClient } from "../_shared/service_client.ts";
import { type AttemptDependencies, type AttemptReport, runAttempt } from "./attempt.ts";
import { type MentorState, type Queue, read } from "./queue.ts";
import { type ManualRefusal, orUnauthorised, permissionResult } from "./permission.ts";

export interface ForceSyncDependencies extends AttemptDependencies {
  readonly queue: Queue;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** A client that carries the caller's token. */
  readonly asUser: (userToken: string) => DatabaseClient;
}

/** What a coordinator gets to see. */
export interface ForceSyncReport {
  readonly mentor_id: string;
  readonly attempt_id: string | null;
  readonly operation: "remove" | "restore" | null;
  readonly outcome: "success" | "failure" | "dead_lettered" | "pending";
  /** HTTP status of Dynamics; null without an answer, or when another worker got it. */
  readonly response_code: number | null;
  readonly retry_count: number | null;
  readonly error: string | null;
  /** ISO 8601; when the next attempt may start, where that is known. */
  readonly next_attempt_at?: string;
}

export type ForceSyncAnswer =
  | {
    readonly kind: "done" | "pending";
    readonly report: ForceSyncReport;
    /** What still goes on, although it is not waited for any longer; never rejects. */
    readonly rest?: Promise<unknown>;
  }
  | { readonly kind: "refused"; readonly reason: ManualRefusal };

/** As long as a person waits; a request to Dynamics may take longer. */
const PATIENCE_SECONDS = 20;
const POLL_SECONDS = [0.1, 0.2, 0.4, 0.8];

const permission = z.array(
  z.object({ result: permissionResult, generation: z.int().nullable() }),
).length(1);

/**
 * Syncs one mentor now on behalf of a signed-in user. The database decides whether they may.
 *
 * @throws {DatabaseError} when the database could not be asked; once it has accepted, a fault only
 * means that the answer is not known yet
 */
export async function forceSync(
  deps: ForceSyncDependencies,
  mentorId: string,
  userToken: string,
): Promise<ForceSyncAnswer> {
  const asked = await askPermission(deps.asUser(userToken), mentorId);
  if (typeof asked === "string") return { kind: "refused", reason: asked };
  try {
    return await new ForceSync(deps, mentorId, asked.generation).run();
  } catch (error) {
    deps.log({ level: "error", event: "manual_action_failed", ...describe(error) });
    return { kind: "pending", report: pendingReport(mentorId) };
  }
}

async function askPermission(
  client: DatabaseClient,
  mentorId: string,
): Promise<ManualRefusal | { generation: number }> {
  const name = "request_hlf_force_sync";
  return await orUnauthorised(async () => {
    const [row] = read(name, await client.rpc(name, { mentor_id: mentorId }), permission);
    if (row?.result !== "accepted") return row?.result ?? "not_found";
    return { generation: row.generation ?? 0 };
  });
}

class ForceSync {
  #seenAttemptId: string | null = null;
  #state: MentorState | null = null;
  #hasReopened = false;

  constructor(
    private readonly deps: ForceSyncDependencies,
    private readonly mentorId: string,
    private readonly generation: number,
  ) {}

  /** Whatever takes longer than a person waits, a request to Dynamics or the database, goes on without an answer. */
  async run(): Promise<ForceSyncAnswer> {
    const { clock, log, sleep } = this.deps;
    const found = this.#follow(clock.monotonic() + PATIENCE_SECONDS * 1000);
    const answer = await Promise.race([found, sleep(PATIENCE_SECONDS)]);
    if (answer !== undefined) return answer;
    const rest = found.catch((error) =>
      log({ level: "error", event: "manual_action_failed", ...describe(error) })
    );
    return { ...this.#pending(this.#state?.lastError ?? null, this.#state), rest };
  }

  async #follow(deadline: number): Promise<ForceSyncAnswer> {
    const { clock, sleep } = this.deps;
    for (let polls = 0; clock.monotonic() < deadline; polls++) {
      const own = await this.#attempt();
      if (own !== null) return own;
      const state = this.#state = await this.deps.queue.mentorState(this.mentorId);
      const remaining = (deadline - clock.monotonic()) / 1000;
      const elsewhere = state && await this.#readState(state, remaining);
      if (elsewhere) return elsewhere;
      await sleep(POLL_SECONDS[Math.min(polls, POLL_SECONDS.length - 1)] ?? 1);
    }
    return this.#pending(this.#state?.lastError ?? null, this.#state);
  }

  /** Null when there was nothing to claim. */
  async #attempt(): Promise<ForceSyncAnswer | null> {
    const { tokens, gate, queue, clock, settings } = this.deps;
    const token = await tokens.get();
    if (token.kind === "rejected") {
      await gate.rejectCredentials(token);
      return this.#pending("credentials_rejected");
    }
    if (token.kind === "unavailable") return this.#pending(token.class);

    const leaseUntil = clock.monotonic() + settings.leaseSeconds * 1000;
    const [attempt] = await queue.claim({
      batchSize: 1,
      leaseSeconds: settings.leaseSeconds,
      maxAttempts: settings.maxAttempts,
      onlyMentorId: this.mentorId,
    });
    if (attempt === undefined) return null;
    const report = await runAttempt(this.deps, attempt, leaseUntil);
    return report === null ? this.#pending(null) : { kind: "done", report: this.#own(report) };
  }

  #own({ attempt, decision }: AttemptReport): ForceSyncReport {
    const row = auditRow(attempt, decision);
    const delay = decision.retryDelaySeconds;
    return {
      mentor_id: row.mentor_id,
      attempt_id: row.id,
      operation: row.operation,
      outcome: row.outcome,
      response_code: row.dynamics_response_code,
      retry_count: row.retry_count,
      error: row.error_message,
      ...(delay !== null && { next_attempt_at: this.#at(delay) }),
    };
  }

  /** What became of the request elsewhere; null while that is open. */
  async #readState(state: MentorState, remaining: number): Promise<ForceSyncAnswer | null> {
    if (state.inFlightAttemptId !== null) {
      this.#seenAttemptId = state.inFlightAttemptId;
      return null;
    }
    if ((state.confirmedGeneration ?? 0) >= this.generation) return this.#done("success", state);
    if (state.dueAt === null) {
      return state.deadLetteredAt === null ? null : this.#done("dead_lettered", state);
    }
    // The request made it due at once, so a later date means that an attempt has failed since.
    if (Date.parse(state.dueAt) > this.deps.clock.epoch() + 1000) {
      return this.#done("failure", state);
    }
    return await this.#readGate(state, remaining);
  }

  async #readGate(state: MentorState, remaining: number): Promise<ForceSyncAnswer | null> {
    const { queue, gate } = this.deps;
    const { seconds, gateReason } = await queue.wait();
    if (gateReason === "credentials" || gateReason === "settings") {
      if (this.#hasReopened || !(await gate.reopen(gateReason))) {
        const error = gateReason === "credentials" ? "credentials_rejected" : "rejected";
        return this.#pending(error, state);
      }
      this.#hasReopened = true;
    } else if (gateReason === "throttled" && seconds !== null && seconds > remaining) {
      return this.#pending("throttled", state, seconds);
    }
    return null;
  }

  #done(outcome: "success" | "failure" | "dead_lettered", state: MentorState): ForceSyncAnswer {
    const isFailure = outcome === "failure";
    const report: ForceSyncReport = {
      mentor_id: this.mentorId,
      attempt_id: this.#seenAttemptId,
      operation: state.operation,
      outcome,
      response_code: null,
      retry_count: outcome === "success" ? null : state.attempts - (isFailure ? 1 : 0),
      error: outcome === "success" ? null : state.lastError,
      ...(isFailure && state.dueAt !== null && {
        next_attempt_at: new Date(state.dueAt).toISOString(),
      }),
    };
    return { kind: "done", report };
  }

  #pending(
    error: FailureClass | string | null,
    state: MentorState | null = null,
    seconds: number | null = null,
  ): Exclude<ForceSyncAnswer, { kind: "refused" }> {
    return {
      kind: "pending",
      report: {
        ...pendingReport(this.mentorId),
        attempt_id: this.#seenAttemptId,
        operation: state?.operation ?? null,
        error,
        ...(seconds !== null && { next_attempt_at: this.#at(seconds) }),
      },
    };
  }

  #at(seconds: number): string {
    return new Date(this.deps.clock.epoch() + seconds * 1000).toISOString();
  }
}

function pendingReport(mentorId: string): ForceSyncReport {
  return {
    mentor_id: mentorId,
    attempt_id: null,
    operation: null,
    outcome: "pending",
    response_code: null,
    retry_count: null,
    error: null,
  };
}
