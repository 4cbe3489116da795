import { nextNight, untilAtRest } from "./until_at_rest.ts";
import { readEvidence, readSnapshot } from "./evidence.ts";
import { findViolations } from "./invariants.ts";
import { play } from "./play.ts";
import { setStage } from "./stage.ts";
import type { Schedule } from "./step.ts";
import type { ChaosStack } from "./chaos_stack.ts";

/** How a schedule ended. */
export interface Run {
  /** What did not hold, a line each. */
  readonly violations: readonly string[];
  /** Of each attempt its outcome and what went wrong with it. */
  readonly attempts: readonly string[];
  /** Where workers were killed and connections broken. */
  readonly blows: readonly string[];
}

/** Plays one schedule, lets everything come to rest, and looks whether anything was lost. */
export async function runSchedule(chaosStack: ChaosStack, schedule: Schedule): Promise<Run> {
  const stage = await setStage(chaosStack, schedule);
  const played = await play(chaosStack, stage, schedule);
  await untilAtRest(chaosStack, played);
  const before = await readSnapshot(chaosStack);
  await nextNight(chaosStack);
  await untilAtRest(chaosStack, played, { untilAlertsAreOver: true });
  const evidence = await readEvidence(chaosStack, stage, played, before);
  return {
    violations: findViolations(evidence),
    attempts: evidence.audit.map(({ outcome, error_message }) =>
      error_message === null ? outcome : `${outcome}: ${error_message.split(" ")[0]}`
    ),
    blows: played.blows,
  };
}
