import type { Sleep } from "../_shared/clock.ts";
import { DatabaseError } from "../_shared/errors.ts";
import type { Log } from "../_shared/log.ts";
import type { Queue, Settlement } from "./queue.ts";

/** `refused`: the lease was lost. `lost`: the database could not be told; the lease recovers it. */
export type SettleResult = "settled" | "refused" | "lost";

export interface Settler {
  /** Never rejects. */
  settle(settlement: Settlement): Promise<SettleResult>;
}

interface Waiting {
  readonly settlement: Settlement;
  readonly resolve: (result: SettleResult) => void;
}

/** In sum shorter than the default lease: after that the answer would not be taken any more. */
const RETRY_SECONDS = [0.2, 0.5, 1, 2, 4, 8, 8];
const LARGEST_BATCH = 200;

/**
 * Reports results in batches: one call is under way at a time, and everything that arrives
 * meanwhile goes with the next.
 */
export function createSettler(
  { queue, sleep, log }: { readonly queue: Queue; readonly sleep: Sleep; readonly log: Log },
): Settler {
  const waiting: Waiting[] = [];
  let busy = false;

  async function settleWaiting(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, LARGEST_BATCH);
      const refused = await tell(batch.map(({ settlement }) => settlement));
      for (const { settlement, resolve } of batch) {
        if (refused === null) resolve("lost");
        else resolve(refused.has(settlement.attemptId) ? "refused" : "settled");
      }
    }
    busy = false;
  }

  async function tell(settlements: readonly Settlement[]): Promise<Set<string> | null> {
    const attemptIds = settlements.map(({ attemptId }) => attemptId);
    for (let tries = 0;; tries++) {
      try {
        const refused = await queue.settle(settlements);
        // After a retry this may be our own settlement, whose answer was lost.
        if (refused.length > 0 && tries === 0) {
          log({ level: "warning", event: "settle_refused", attempt_ids: refused });
        }
        return new Set(tries === 0 ? refused : []);
      } catch (error) {
        const seconds = RETRY_SECONDS[tries];
        if (seconds === undefined) {
          log({
            level: "error",
            event: "settle_failed",
            ...describe(error),
            attempt_ids: attemptIds,
          });
          return null;
        }
        await sleep(seconds);
      }
    }
  }

  return {
    settle(settlement) {
      return new Promise((resolve) => {
        waiting.push({ settlement, resolve });
        if (!busy) void settleWaiting();
      });
    },
  };
}

/** The loggable part of a fault. */
export function describe(error: unknown): { code: string; status?: number } {
  if (error instanceof DatabaseError) return { code: error.code, status: error.status };
  return { code: "unknown" };
}
