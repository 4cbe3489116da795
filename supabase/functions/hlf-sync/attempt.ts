import type { AuditedAttempt, AuditLogWriter } from "../_shared/audit_log.ts";
import { auditRow } from "../_shared/audit_log.ts";
import type { DataverseClient } from "../_shared/dataverse/client.ts";
import type { Log } from "../_shared/log.ts";
import type { Settings } from "../_shared/settings.ts";
import { decide, type Decision } from "../_shared/dataverse/decide.ts";
import type { Gate } from "./gate.ts";
import type { ClaimedAttempt } from "./queue.ts";
import type { Settler, SettleResult } from "./settler.ts";

/** An attempt that was made. */
export interface AttemptReport {
  /** As it was claimed. */
  readonly attempt: AuditedAttempt;
  /** What follows from the answer. */
  readonly decision: Decision;
  /** Whether the database knows. */
  readonly settled: SettleResult;
}

/** What an attempt is made with. */
export interface AttemptDependencies {
  /** Asks Dynamics. */
  readonly dataverse: DataverseClient;
  /** Takes the audit row. */
  readonly audit: AuditLogWriter;
  /** Is closed before the attempt is settled. */
  readonly gate: Gate;
  /** Tells the database. */
  readonly settler: Settler;
  /** From 0 up to 1, spreads the retries. */
  readonly random: () => number;
  /** Takes the lines for the operator. */
  readonly log: Log;
  /** When to retry, and how long a lease lasts. */
  readonly settings: Settings["sync"];
}

/**
 * Carries out one claimed attempt: tells Dynamics, hands the audit row over without waiting for it,
 * and settles.
 *
 * @param leaseUntil on the monotonic clock, counted from before the claim was asked for
 * @param tell is told the decision before the database is
 * @returns null when the lease left no time for a request: nothing was sent, and the database ends
 * the attempt as interrupted
 */
export async function runAttempt(
  deps: AttemptDependencies,
  attempt: ClaimedAttempt,
  leaseUntil: number,
  tell: (decision: Decision) => void = () => {},
): Promise<AttemptReport | null> {
  const { dataverse, audit, gate, settler, random, log, settings } = deps;
  const result = await dataverse.updateListing({
    operation: attempt.operation,
    mentorId: attempt.mentorId,
    attemptId: attempt.attemptId,
    notAfter: leaseUntil,
  });
  if (result.kind === "not_sent") {
    log({ level: "warning", event: "attempt_not_sent", attempt_ids: [attempt.attemptId] });
    return null;
  }
  const decision = decide(result, attempt, settings, random());
  tell(decision);
  if (decision.isProvisional) return await settleRefusal(deps, attempt, decision);
  audit.write(auditRow(attempt, decision));
  // Before settling, or another worker could claim through a gate that should be closed.
  await gate.apply(decision.gate);
  const settled = await settler.settle({ attemptId: attempt.attemptId, decision });
  return { attempt, decision, settled };
}

/** The row waits for the settlement here, as only that tells whether the mentor is a dead letter now. */
async function settleRefusal(
  { audit, gate, settler }: AttemptDependencies,
  attempt: ClaimedAttempt,
  provisional: Decision,
): Promise<AttemptReport> {
  await gate.apply(provisional.gate);
  const settled = await settler.settle({ attemptId: attempt.attemptId, decision: provisional });
  const decision: Decision = settled === "given_up"
    ? { ...provisional, outcome: "dead_lettered", retryDelaySeconds: null }
    : provisional;
  // In every other case the database knows better what became of it, and writes the row itself.
  if (settled === "settled" || settled === "given_up") audit.write(auditRow(attempt, decision));
  return { attempt, decision, settled };
}
