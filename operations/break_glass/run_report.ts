import { EXIT_CODES } from "../errors.ts";
import type { AttemptResult, Order } from "./attempt.ts";
import type { StopReason } from "./stop.ts";

export interface RunReport {
  readonly results: readonly AttemptResult[];
  /** Ids of attempts whose result the database did not take. */
  readonly unreported: readonly string[];
  /** Orders that were not carried out. */
  readonly left: readonly Order[];
  readonly stopped: StopReason | null;
}

/** It ran, and not everything is in step. */
export const NOT_IN_STEP = 1;

/** 0 only when everything that was asked for is done and recorded. */
export function exitCode({ results, unreported, left, stopped }: RunReport): number {
  if (stopped === "interrupted") return EXIT_CODES.interrupted;
  const isDone = results.every(({ decision }) => decision.outcome === "success");
  const nothingIsLeft = stopped === null && left.length === 0 && unreported.length === 0;
  return isDone && nothingIsLeft ? 0 : NOT_IN_STEP;
}
