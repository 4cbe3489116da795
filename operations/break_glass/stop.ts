import type { Sleep } from "../../supabase/functions/_shared/clock.ts";
import type { AttemptResult } from "./attempt.ts";

/** Why a run ended before its last mentor. */
export type StopReason = "interrupted" | "credentials" | "throttled" | "database";

/** A longer wait is for a person to decide. */
const LONGEST_PAUSE_SECONDS = 600;

export interface Pause {
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

/**
 * Obeys what Dynamics asked for in the answers of a wave: waits out a throttle, and stops where
 * every further request would meet the same.
 */
export async function obey(
  results: readonly AttemptResult[],
  { sleep, signal, note }: Pause,
): Promise<StopReason | null> {
  const gates = results.map(({ decision }) => decision.gate);
  if (gates.some((gate) => gate.kind === "credentials")) return "credentials";
  const seconds = Math.max(
    0,
    ...gates.map((gate) => gate.kind === "throttled" ? Math.max(gate.seconds, 1) : 0),
  );
  if (seconds > LONGEST_PAUSE_SECONDS) return "throttled";
  if (seconds > 0) {
    note(`Dynamics asks to wait ${Math.ceil(seconds)} s`);
    await sleep(seconds, signal);
  }
  return signal.aborted ? "interrupted" : null;
}

const EXPLANATIONS: Readonly<Record<StopReason, string>> = {
  interrupted: "Interrupted: what was under way is finished and recorded.",
  credentials:
    "Stopped: Dynamics no longer accepts the credentials, or the application user lacks a right.",
  throttled: "Stopped: Dynamics asks to wait for more than ten minutes.",
  database: "Stopped: the database does not answer any more.",
};

export function explainStop(reason: StopReason): string {
  return EXPLANATIONS[reason];
}
