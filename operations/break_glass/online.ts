import type { Clock, Sleep } from "../../supabase/functions/_shared/clock.ts";
import type { DataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import { DatabaseError } from "../../supabase/functions/_shared/errors.ts";
import type { Administrator } from "./administrator.ts";
import { type AttemptResult, inWaves, type Order, sendWave } from "./attempt.ts";
import type { RunReport } from "./run_report.ts";
import { obey, type StopReason } from "./stop.ts";
import type { Progress } from "./under_progress.ts";

export interface OnlineDependencies extends Progress {
  readonly administrator: Pick<Administrator, "claim" | "settle">;
  readonly dataverse: DataverseClient;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** Enough for a request, a new token and a query, each of which may time out. */
export const LEASE_SECONDS = 120;

const SETTLE_RETRY_SECONDS = [1, 2, 4, 8, 16];

/**
 * What could not be claimed is under way elsewhere, or the budget of requests is used up: a lease or
 * the window of 300 s has to pass.
 */
const CLAIM_RETRY_SECONDS = [5, 10, 20, 40, 60, 60, 60, 60];

/**
 * Claims, sends and settles a wave at a time, so that an interruption leaves nothing half done.
 * Never throws for what the outside world does.
 */
export async function bringIntoStep(
  orders: readonly Order[],
  deps: OnlineDependencies,
): Promise<RunReport> {
  const run = new Run(deps);
  let left = await run.carryOut(orders);
  for (const seconds of CLAIM_RETRY_SECONDS) {
    if (left.length === 0 || run.stopped !== null) break;
    deps.note(
      `${left.length} cannot be claimed yet: another worker has them, the limit of requests is ` +
        `reached, or sync is switched off for the organisation. Trying again in ${seconds} s`,
    );
    await deps.sleep(seconds, deps.signal);
    if (deps.signal.aborted) run.stopped = "interrupted";
    else left = await run.carryOut(left);
  }
  return { results: run.results, unreported: run.unreported, left, stopped: run.stopped };
}

class Run {
  readonly results: AttemptResult[] = [];
  readonly unreported: string[] = [];
  stopped: StopReason | null = null;

  constructor(private readonly deps: OnlineDependencies) {}

  /** @returns what is left, because it could not be claimed or the run was stopped */
  async carryOut(orders: readonly Order[]): Promise<Order[]> {
    const left: Order[] = [];
    for (const wave of inWaves(orders)) {
      if (this.stopped === null && this.deps.signal.aborted) this.stopped = "interrupted";
      if (this.stopped !== null) left.push(...wave);
      else left.push(...await this.#carryOutWave(wave));
    }
    return left;
  }

  async #carryOutWave(wave: readonly Order[]): Promise<Order[]> {
    const { administrator, dataverse, clock, onProgress } = this.deps;
    const leaseUntil = clock.monotonic() + LEASE_SECONDS * 1000;
    let attempts;
    try {
      attempts = await administrator.claim(wave.map((order) => order.mentorId), LEASE_SECONDS);
    } catch (error) {
      this.#stopForDatabase(error);
      return [...wave];
    }
    const results = await sendWave(dataverse, attempts, leaseUntil);
    this.results.push(...results);
    await this.#settle(results);
    const failed = results.filter(({ decision }) => decision.outcome !== "success").length;
    onProgress(results.length, failed);
    this.stopped ??= await obey(results, this.deps);
    const claimed = new Set(attempts.map((attempt) => attempt.mentorId));
    return wave.filter((order) => !claimed.has(order.mentorId));
  }

  async #settle(results: readonly AttemptResult[]): Promise<void> {
    if (results.length === 0) return;
    const { administrator, sleep } = this.deps;
    for (let tries = 0;; tries++) {
      try {
        const refused = await administrator.settle(results);
        // After a retry this may be our own settlement, whose answer was lost.
        if (tries === 0) this.unreported.push(...refused);
        return;
      } catch (error) {
        const seconds = SETTLE_RETRY_SECONDS[tries];
        if (seconds === undefined) {
          this.unreported.push(...results.map(({ attempt }) => attempt.attemptId));
          return this.#stopForDatabase(error);
        }
        // Also when interrupted: what was sent is worth the wait.
        await sleep(seconds);
      }
    }
  }

  #stopForDatabase(error: unknown): void {
    if (!(error instanceof DatabaseError)) throw error;
    this.stopped = "database";
  }
}
