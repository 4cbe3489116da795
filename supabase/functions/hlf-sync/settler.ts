import type { Sleep } from "../_shared/clock.ts";
import { describe } from "../_shared/errors.ts";
import type { Log } from "../_shared/log.ts";
import type { Queue, SettledRow, Settlement } from "./queue.ts";

/**
 * - `given_up`: settled, and the database made it a dead letter
 * - `lease_lost`: settled by the database, before
 * - `unsure`: told again after an answer that was lost
 * - `locked`: the mentor stayed locked, or the database refused this result alone; the lease recovers it
 * - `lost`: the database could not be told; the lease recovers it
 */
export type SettleResult = "settled" | "given_up" | "lease_lost" | "unsure" | "locked" | "lost";

/** What became of a settlement. */
export interface Settled {
  /** What the database made of it. */
  readonly result: SettleResult;
  /** When the mentor is due next; null when it is not, or nobody knows. */
  readonly dueInSeconds: number | null;
}

/** Tells the database what became of attempts. */
export interface Settler {
  /** Never rejects. */
  settle(settlement: Settlement): Promise<Settled>;
  /** The last call about this operation, or about removes, failed and is being made again. */
  isStuck(operation: Settlement["operation"]): boolean;
}

interface Waiting {
  readonly settlement: Settlement;
  readonly resolve: (settled: Settled) => void;
  /** How often the mentor was locked. */
  timesBusy: number;
}

/** In sum shorter than the default lease: after that the answer would not be taken any more. */
const RETRY_SECONDS = [0.2, 0.5, 1, 2, 4, 8, 8];
const LARGEST_BATCH = 200;
/** In a backlog requests finish in quick succession; settling each at once would cost one round trip per request. */
const GATHER_SECONDS = 0.02;
const SEVERAL = 20;
/** Refusals in a row, for what they say (SQLSTATE 22 and 23): of more it is no single result's fault. */
const MOST_REFUSED = 3;

/** What a settler works with. */
export interface SettlerDependencies {
  /** Tells the database. */
  readonly queue: Queue;
  /** Waits between two tries. */
  readonly sleep: Sleep;
  /** Takes the lines for the operator. */
  readonly log: Log;
}

/**
 * Reports results in batches. Removes have calls of their own, because an urgent one would wait for a batch of restores
 * otherwise.
 */
export function createSettler(deps: SettlerDependencies): Settler {
  const batches = { remove: createBatches(deps), restore: createBatches(deps) };
  return {
    isStuck: (operation) => batches.remove.isStuck() || batches[operation].isStuck(),
    settle: (settlement) => batches[settlement.operation].settle(settlement),
  };
}

/** One call is under way at a time, and everything that arrives meanwhile goes with the next. */
function createBatches({ queue, sleep, log }: SettlerDependencies) {
  const waiting: Waiting[] = [];
  let busy = false;
  let isStuck = false;
  let refused = 0;

  async function settleWaiting(): Promise<void> {
    busy = true;
    let isBacklog = false;
    while (waiting.length > 0) {
      if (isBacklog) await sleep(GATHER_SECONDS);
      const batch = waiting.splice(0, LARGEST_BATCH);
      isBacklog = batch.length >= SEVERAL;
      await settleBatch(batch);
    }
    busy = false;
  }

  async function settleBatch(batch: readonly Waiting[]): Promise<void> {
    const told = await tell(batch.map(({ settlement }) => settlement));
    if ("error" in told) {
      // What is refused is so again: it keeps neither the others from being settled, nor a claim from them.
      if (told.isRefused && batch.length > 1 && refused < MOST_REFUSED) {
        await settleBatch(batch.slice(0, batch.length / 2));
        return await settleBatch(batch.slice(batch.length / 2));
      }
      const attempt_ids = batch.map(({ settlement }) => settlement.attemptId);
      log({ level: "error", event: "settle_failed", ...describe(told.error), attempt_ids });
      const result = told.isRefused && refused++ < MOST_REFUSED ? "locked" : "lost";
      for (const entry of batch) entry.resolve({ result, dueInSeconds: null });
      return;
    }
    for (const entry of batch) {
      const row = told.rows.get(entry.settlement.attemptId);
      if (row?.result === "busy") void settleLater(entry);
      else {
        const result = resultOf(entry.settlement, row, told.isCertain);
        entry.resolve({ result, dueInSeconds: row?.due_in_seconds ?? null });
      }
    }
  }

  function resultOf(
    { decision }: Settlement,
    row: SettledRow | undefined,
    isCertain: boolean,
  ): SettleResult {
    if (row?.result === "settled" && row.outcome === "dead_lettered") return "given_up";
    // After a retry this may be our own settlement, whose answer was lost; but of a refusal the database may have made
    // something else than it was told.
    if (!isCertain) return decision.isProvisional ? "unsure" : "settled";
    return row?.result === "settled" ? "settled" : "lease_lost";
  }

  /** The app has a transaction open on this mentor; the others of the batch do not wait for it. */
  async function settleLater(entry: Waiting): Promise<void> {
    const seconds = RETRY_SECONDS[entry.timesBusy++];
    if (seconds === undefined) {
      const attempt_ids = [entry.settlement.attemptId];
      log({ level: "error", event: "settle_failed", code: "busy", attempt_ids });
      entry.resolve({ result: "locked", dueInSeconds: null });
      return;
    }
    await sleep(seconds);
    enqueue(entry);
  }

  function enqueue(entry: Waiting): void {
    waiting.push(entry);
    if (!busy) void settleWaiting();
  }

  async function tell(settlements: readonly Settlement[]) {
    for (let tries = 0;; tries++) {
      try {
        const rows = await queue.settle(settlements);
        isStuck = false;
        refused = 0;
        const lost = [...rows.values()].filter(({ result }) => result === "lease_lost");
        if (tries === 0 && lost.length > 0) {
          const attempt_ids = lost.map(({ attempt_id }) => attempt_id);
          log({ level: "warning", event: "lease_lost", attempt_ids });
        }
        return { rows, isCertain: tries === 0 };
      } catch (error) {
        const isRefused = /^2[23]/.test(describe(error).code);
        const seconds = isRefused ? undefined : RETRY_SECONDS[tries];
        isStuck = seconds !== undefined;
        if (seconds === undefined) return { error, isRefused };
        await sleep(seconds);
      }
    }
  }

  return {
    isStuck: () => isStuck,
    settle: (settlement: Settlement) =>
      new Promise<Settled>((resolve) => enqueue({ settlement, resolve, timesBusy: 0 })),
  };
}
