import { type Run, runSchedule } from "./run_schedule.ts";
import { makeSchedule } from "./schedule.ts";
import { describeSchedule } from "./step.ts";
import type { Tally } from "./tally.ts";
import { ChaosStack } from "./chaos_stack.ts";

/** Shared by all runners: seeds still to run, and results so far. */
export interface SeedQueue {
  readonly waiting: number[];
  passed: number;
  readonly failed: number[];
  readonly attempts: Tally;
  readonly blows: Tally;
  /** Aborted when somebody wants to stop: what is being played is left as it is. */
  readonly interrupted: AbortSignal;
}

/** Plays seeds on a chaosStack of its own until none is left. */
export async function runLane(queue: SeedQueue): Promise<void> {
  let chaosStack: ChaosStack | null = null;
  const interruption = Promise.withResolvers<Run>();
  queue.interrupted.addEventListener(
    "abort",
    () => interruption.resolve({ violations: ["interrupted"], attempts: [], blows: [] }),
  );
  try {
    for (let seed = queue.waiting.shift(); seed !== undefined; seed = queue.waiting.shift()) {
      const schedule = makeSchedule(seed);
      chaosStack ??= await ChaosStack.start(schedule.workers);
      const startedAt = performance.now();
      const { violations, attempts, blows } = await Promise.race([
        runSchedule(chaosStack, schedule).catch(brokenOff),
        interruption.promise,
      ]);
      if (queue.interrupted.aborted) return;
      queue.attempts.add(attempts);
      queue.blows.add(blows);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      if (violations.length === 0) {
        queue.passed++;
        console.log(`ok      seed ${seed} (${seconds} s)`);
        continue;
      }
      queue.failed.push(seed);
      console.log(
        [`FAILED  ${describeSchedule(schedule).join("\n        ")}`, ...violations]
          .join("\n      ! "),
      );
      // What is left of a chaosStack in which something went wrong would show in the next schedule.
      await chaosStack.stop();
      chaosStack = null;
    }
  } finally {
    await chaosStack?.stop();
  }
}

function brokenOff(error: unknown): Run {
  const { message = String(error), detail, where } = error as Partial<
    Record<"message" | "detail" | "where", string>
  >;
  // What the database says of its own faults, such as who waited for whom.
  const reason = [message, detail, where].filter((part) => part !== undefined).join("; ");
  return {
    violations: [`the schedule could not be played to its end: ${reason}`],
    attempts: [],
    blows: [],
  };
}
