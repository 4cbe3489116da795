import { comeToRest, nextNight } from "./come_to_rest.ts";
import { readEvidence, readStanding } from "./evidence.ts";
import { findViolations } from "./invariants.ts";
import { play } from "./play.ts";
import { setStage } from "./stage.ts";
import type { Schedule } from "./step.ts";
import type { World } from "./world.ts";

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
export async function runSchedule(world: World, schedule: Schedule): Promise<Run> {
  const stage = await setStage(world, schedule);
  const played = await play(world, stage, schedule);
  await comeToRest(world, played);
  const before = await readStanding(world);
  await nextNight(world);
  await comeToRest(world, played, { untilAlertsAreOver: true });
  const evidence = await readEvidence(world, stage, played, before);
  return {
    violations: findViolations(evidence),
    attempts: evidence.audit.map(({ outcome, error_message }) =>
      error_message === null ? outcome : `${outcome}: ${error_message.split(" ")[0]}`
    ),
    blows: played.blows,
  };
}
