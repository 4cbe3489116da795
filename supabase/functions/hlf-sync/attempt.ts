import { type AuditLogWriter, auditRow } from "../_shared/audit_log.ts";
import type { Clock, Sleep } from "../_shared/clock.ts";
import type { DataverseClient } from "../_shared/dataverse/client.ts";
import type { TokenSource } from "../_shared/dataverse/token.ts";
import type { Log } from "../_shared/log.ts";
import type { Settings } from "../_shared/settings.ts";
import { decide, type Decision } from "../_shared/dataverse/decide.ts";
import type { Gate } from "./gate.ts";
import type { ClaimedAttempt, Queue } from "./queue.ts";
import type { Settled, Settler } from "./settler.ts";

/** What attempts are made with. */
export interface AttemptDependencies {
  /** What is due. */
  readonly queue: Queue;
  /** Is asked before anything is claimed. */
  readonly tokens: TokenSource;
  /** Asks Dynamics. */
  readonly dataverse: DataverseClient;
  /** Takes the audit row. */
  readonly audit: AuditLogWriter;
  /** Is closed before the attempt is settled. */
  readonly gate: Gate;
  /** Tells the database. */
  readonly settler: Settler;
  /** Measures leases and time budgets, and dates the next attempt. */
  readonly clock: Clock;
  /** Waits. */
  readonly sleep: Sleep;
  /** From 0 up to 1, spreads the retries. */
  readonly random: () => number;
  /** Takes the lines for the operator. */
  readonly log: Log;
  /** When to retry, and how long a lease lasts. */
  readonly settings: Settings["sync"];
}

/**
 * Tells Dynamics, and hands the audit row over without waiting for it.
 *
 * @param leaseUntil on the monotonic clock, counted from before the claim was asked for
 * @returns null when the lease left no time for a request: nothing was sent
 */
export async function tellDynamics(
  { dataverse, audit, gate, random, settings }: AttemptDependencies,
  attempt: ClaimedAttempt,
  leaseUntil: number,
): Promise<Decision | null> {
  const result = await dataverse.updateListing({
    operation: attempt.operation,
    mentorId: attempt.mentorId,
    attemptId: attempt.attemptId,
    notAfter: leaseUntil,
  });
  if (result.kind === "not_sent") return null;
  const decision = decide(result, attempt, settings, random());
  // The row of a refusal waits for the settlement, as only that tells whether the mentor is a dead letter now.
  if (!decision.isProvisional) audit.write(auditRow(attempt, decision));
  // Before settling, or another worker could claim through a gate that should be closed.
  await gate.apply(decision.gate);
  return decision;
}

/** Tells the database what Dynamics answered. */
export async function tellDatabase(
  { audit, settler }: AttemptDependencies,
  attempt: ClaimedAttempt,
  decision: Decision,
): Promise<{ readonly decision: Decision; readonly settled: Settled }> {
  const { attemptId, operation } = attempt;
  const settled = await settler.settle({ attemptId, operation, decision });
  if (!decision.isProvisional) return { decision, settled };
  const { result } = settled;
  const final: Decision = result === "given_up"
    ? { ...decision, outcome: "dead_lettered", retryDelaySeconds: null }
    : decision;
  // In every other case the database knows better what became of it, and writes the row itself.
  if (result === "settled" || result === "given_up") audit.write(auditRow(attempt, final));
  return { decision: final, settled };
}
