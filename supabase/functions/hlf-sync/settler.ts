import type { Sleep } from "../_shared/clock.ts";
import { describe } from "../_shared/errors.ts";
import type { Log } from "../_shared/log.ts";
import type { ClaimedAttempt, ClaimOptions, Queue, Settlement, Unsettled } from "./queue.ts";

/**
 * `given_up`: settled, and the database made it a dead letter. `lease_lost`: by the database, before. `unsure`: told again after an
 * answer that was lost. `lost`: the database could not be told; the lease recovers it.
 */
export type SettleResult = "settled" | "given_up" | "lease_lost" | "unsure" | "lost";

/** Tells the database what became of attempts. */
export interface Settler {
  /** Never rejects. */
  settle(settlement: Settlement): Promise<SettleResult>;
  /** From now on this is asked, before each round trip, what to claim with it. */
  claimFor(source: Claimer): void;
}

/** What to claim in the same round trip as something is settled. */
export interface ClaimAlong {
  /** How much to claim. */
  readonly options: ClaimOptions;
  /** Is called once; null when the round trip failed. */
  take(attempts: readonly ClaimedAttempt[] | null): void;
}

/** Knows what to claim; the drain. */
export interface Claimer {
  /** Whether more is due than could be claimed so far. */
  hasBacklog(): boolean;
  /** What to claim while these are settled; null for nothing. */
  claimAlong(settlements: readonly Settlement[]): ClaimAlong | null;
}

interface Waiting {
  readonly settlement: Settlement;
  readonly resolve: (result: SettleResult) => void;
  /** How often the mentor was locked. */
  timesBusy: number;
}

/** In sum shorter than the default lease: after that the answer would not be taken any more. */
const RETRY_SECONDS = [0.2, 0.5, 1, 2, 4, 8, 8];
const LARGEST_BATCH = 200;
/**
 * In a backlog requests end one shortly after the other. Without waiting for the next few they
 * would be settled, and begin anew, ever more one by one, each with a round trip.
 */
const GATHER_SECONDS = 0.001;

/**
 * Reports results in batches: one call is under way at a time, and everything that arrives
 * meanwhile goes with the next.
 */
export function createSettler(
  { queue, sleep, log }: { readonly queue: Queue; readonly sleep: Sleep; readonly log: Log },
): Settler {
  const waiting: Waiting[] = [];
  let claimer: Claimer | null = null;
  let busy = false;

  async function settleWaiting(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      if (claimer?.hasBacklog()) await sleep(GATHER_SECONDS);
      const batch = waiting.splice(0, LARGEST_BATCH);
      const unsettled = await tell(batch.map(({ settlement }) => settlement));
      for (const entry of batch) {
        const { attemptId } = entry.settlement;
        if (unsettled === null) entry.resolve("lost");
        else if (unsettled.busy.includes(attemptId)) void settleLater(entry);
        else if (unsettled.leaseLost.includes(attemptId)) entry.resolve("lease_lost");
        else if (unsettled.givenUp.includes(attemptId)) entry.resolve("given_up");
        else entry.resolve(isKnown(entry, unsettled) ? "settled" : "unsure");
      }
    }
    busy = false;
  }

  /** Only of a refusal may the database have made something else than it was told. */
  function isKnown({ settlement }: Waiting, { isCertain }: { readonly isCertain: boolean }) {
    return isCertain || !settlement.decision.isProvisional;
  }

  /** The app has a transaction open on this mentor; the others of the batch do not wait for it. */
  async function settleLater(entry: Waiting): Promise<void> {
    const seconds = RETRY_SECONDS[entry.timesBusy++];
    if (seconds === undefined) {
      const attempt_ids = [entry.settlement.attemptId];
      log({ level: "error", event: "settle_failed", code: "busy", attempt_ids });
      entry.resolve("lost");
      return;
    }
    await sleep(seconds);
    enqueue(entry);
  }

  function enqueue(entry: Waiting): void {
    waiting.push(entry);
    if (!busy) void settleWaiting();
  }

  async function tell(
    settlements: readonly Settlement[],
  ): Promise<Unsettled & { readonly isCertain: boolean } | null> {
    const attemptIds = settlements.map(({ attemptId }) => attemptId);
    for (let tries = 0;; tries++) {
      try {
        const { leaseLost, busy, givenUp } = tries === 0
          ? await exchange(settlements)
          : await queue.settle(settlements);
        // After a retry this may be our own settlement, whose answer was lost.
        if (tries > 0) return { leaseLost: [], busy, givenUp, isCertain: false };
        if (leaseLost.length > 0) {
          log({ level: "warning", event: "lease_lost", attempt_ids: leaseLost });
        }
        return { leaseLost, busy, givenUp, isCertain: true };
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

  /** Only at the first try: what an answer claimed that was lost is nobody's until its lease runs out. */
  async function exchange(settlements: readonly Settlement[]): Promise<Unsettled> {
    const along = claimer?.claimAlong(settlements) ?? null;
    if (along === null) return await queue.settle(settlements);
    let attempts: readonly ClaimedAttempt[] | null = null;
    try {
      const answer = await queue.exchange(settlements, along.options);
      attempts = answer.attempts;
      return answer;
    } finally {
      along.take(attempts);
    }
  }

  return {
    claimFor(source) {
      claimer = source;
    },
    settle(settlement) {
      return new Promise((resolve) => {
        enqueue({ settlement, resolve, timesBusy: 0 });
      });
    },
  };
}
