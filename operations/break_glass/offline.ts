import type { Clock, Sleep } from "../../supabase/functions/_shared/clock.ts";
import type { DataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import type { OfflineAttempt } from "./administrator.ts";
import { type AttemptResult, inWaves, type Order, sendWave, WAVE } from "./attempt.ts";
import type { Journal } from "./journal.ts";
import type { RunReport } from "./run_report.ts";
import { obey, type StopReason } from "./stop.ts";
import type { Progress } from "./under_progress.ts";

export interface OfflineDependencies extends Progress {
  readonly journal: Pick<Journal, "intend" | "conclude">;
  readonly dataverse: DataverseClient;
  /** A UUIDv7, as the database makes them. */
  readonly newAttemptId: () => string;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/**
 * Dataverse admits 6,000 requests in 300 s; 5 % are left for others. Shorter lists need no pacing.
 * <https://learn.microsoft.com/power-apps/developer/data-platform/api-limits#service-protection-api-limits>
 */
const BUDGET = { requests: 5700, seconds: 300 } as const;

/**
 * Sends without the database, which otherwise makes the attempts and counts the requests. Nothing is
 * sent before the journal has it.
 *
 * @throws {Error} of the file system, when the journal cannot be written
 */
export async function sendOffline(
  orders: readonly Order[],
  deps: OfflineDependencies,
): Promise<RunReport> {
  const { journal, dataverse, newAttemptId, clock, sleep, signal, onProgress } = deps;
  const waveSeconds = orders.length > BUDGET.requests ? WAVE * BUDGET.seconds / BUDGET.requests : 0;
  const results: AttemptResult[] = [];
  const left: Order[] = [];
  let stopped: StopReason | null = null;
  for (const wave of inWaves(orders)) {
    if (stopped === null && signal.aborted) stopped = "interrupted";
    if (stopped !== null) {
      left.push(...wave);
      continue;
    }
    const startedAt = clock.monotonic();
    const attempts = wave.map((order) => ({
      ...order,
      attemptId: newAttemptId(),
      retryCount: 0,
    }));
    await journal.intend(attempts);
    // Nobody else knows of these attempts, so nobody takes them over.
    const sent = await sendWave(dataverse, attempts, Infinity, (one) => journal.conclude(one));
    results.push(...sent);
    onProgress(sent.length, sent.filter(({ decision }) => decision.outcome !== "success").length);
    stopped = await obey(sent, deps);
    await sleep(Math.max(0, waveSeconds - (clock.monotonic() - startedAt) / 1000), signal);
  }
  return { results, unreported: [], left, stopped };
}

/** What is still to do when a journal is gone on with. */
export function withoutDone(
  orders: readonly Order[],
  attempts: readonly OfflineAttempt[],
): Order[] {
  const last = new Map(attempts.map((attempt) => [attempt.mentorId, attempt]));
  return orders.filter(({ mentorId, operation }) => {
    const attempt = last.get(mentorId);
    return attempt?.outcome !== "success" || attempt.operation !== operation;
  });
}
