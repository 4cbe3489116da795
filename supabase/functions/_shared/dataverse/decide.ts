import type { Failure, FailureClass, Success } from "./classify.ts";
import type { SettledOutcome } from "../audit_log.ts";
import { isRefusal } from "../failure_classes.ts";
import { LONGEST_GATE_SECONDS, LONGEST_MENTOR_WAIT_SECONDS } from "./retry_after.ts";

/** When a failed attempt is repeated. */
export interface RetrySettings {
  /** Delay after the first failed attempt, the second, …; the last one from then on. */
  readonly backoffSeconds: readonly number[];
  /** Share of a delay by which it may be longer or shorter. */
  readonly jitter: number;
}

/** Which attempt of its series it was. */
export interface Position {
  /** Attempts made before this one. */
  readonly retryCount: number;
  /** None is left after it. */
  readonly isLast: boolean;
}

/** What becomes of the gate, which all workers obey. */
export type GateChange =
  | { readonly kind: "none" }
  | { readonly kind: "throttled"; readonly seconds: number }
  | { readonly kind: "credentials"; readonly class: FailureClass };

/** What is told to the database about an attempt. */
export interface Decision extends SettledOutcome {
  /** What all workers are to stop for. */
  readonly gate: GateChange;
  /**
   * Dynamics refused. Whether that comes to everybody or to this mentor, and whether it was the last of the short series,
   * is known where all workers meet, so the database has the last word when it is settled.
   */
  readonly isProvisional?: true;
}

/** A refusal is repeated within minutes, so that whoever can act is told within minutes. */
const SHORT_SERIES_DELAYS = 3;

/**
 * What follows from an attempt. Pure.
 *
 * @param random from 0 up to 1, spreads the retries
 */
export function decide(
  result: Success | Failure,
  { retryCount, isLast }: Position,
  settings: RetrySettings,
  random: number,
): Decision {
  if (result.kind === "success") {
    return {
      outcome: "success",
      errorMessage: null,
      responseCode: result.responseCode,
      retryDelaySeconds: null,
      gate: { kind: "none" },
    };
  }
  const isProvisional = isRefusal(result.class);
  const step = isProvisional ? Math.min(retryCount, SHORT_SERIES_DELAYS - 1) : retryCount;
  const delay = retryDelay(result, step, settings, random);
  // Rejected credentials are the fault of no mentor: nobody is given up for them.
  const isExcused = result.gate === "credentials" || isProvisional;
  const givenUp = (result.permanent || isLast) && !isExcused;
  return {
    outcome: givenUp ? "dead_lettered" : "failure",
    errorMessage: errorMessage(result),
    responseCode: result.responseCode,
    retryDelaySeconds: givenUp ? null : delay,
    gate: gateChange(result, settings),
    ...(isProvisional && { isProvisional }),
  };
}

/** Seconds: the backoff with jitter, or what the server asks for if that is longer, up to a quarter of an hour. */
function retryDelay(
  failure: Failure,
  retryCount: number,
  { backoffSeconds, jitter }: RetrySettings,
  random: number,
): number {
  const step = backoffSeconds[Math.min(retryCount, backoffSeconds.length - 1)] ?? 0;
  const backoff = step * (1 + jitter * (2 * random - 1));
  return Math.max(backoff, Math.min(failure.retryAfterSeconds ?? 0, LONGEST_MENTOR_WAIT_SECONDS));
}

function errorMessage({ class: failureClass, code, requestId }: Failure): string {
  return failureClass + (code === null ? "" : ` code=${code}`) +
    (requestId === null ? "" : ` request=${requestId}`);
}

/** What all workers are told because of a failure, of an attempt or of whatever else was asked of Dynamics. */
export function gateChange(
  failure: Pick<Failure, "class" | "gate" | "retryAfterSeconds">,
  { backoffSeconds }: Pick<RetrySettings, "backoffSeconds">,
): GateChange {
  switch (failure.gate) {
    case "none":
    case "undecided":
      return { kind: "none" };
    case "throttled":
      // Not this mentor's own delay, which may be hours: the gate is everybody's.
      return {
        kind: "throttled",
        seconds: Math.min(
          failure.retryAfterSeconds ?? backoffSeconds[1] ?? backoffSeconds[0] ?? 0,
          LONGEST_GATE_SECONDS,
        ),
      };
    case "credentials":
      return { kind: "credentials", class: failure.class };
  }
}
