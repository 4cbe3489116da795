import type { Failure, FailureClass, Success } from "../_shared/dataverse/classify.ts";

export interface RetrySettings {
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

export type GateChange =
  | { readonly kind: "none" }
  | { readonly kind: "throttled"; readonly seconds: number }
  | { readonly kind: "credentials"; readonly class: FailureClass };

export interface Decision {
  readonly outcome: "success" | "failure" | "dead_lettered";
  /** `<class>[ code=0x…][ request=<uuid>]`; null on success. */
  readonly errorMessage: string | null;
  readonly responseCode: number | null;
  /** Only for `failure`. */
  readonly retryDelaySeconds: number | null;
  readonly gate: GateChange;
}

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
  const delay = retryDelay(result, retryCount, settings, random);
  // Rejected credentials are the fault of no mentor: nobody is given up for them.
  const givenUp = (result.permanent || isLast) && result.gate !== "credentials";
  return {
    outcome: givenUp ? "dead_lettered" : "failure",
    errorMessage: errorMessage(result),
    responseCode: result.responseCode,
    retryDelaySeconds: givenUp ? null : delay,
    gate: gateChange(result, settings),
  };
}

/** Seconds: the backoff with jitter, or what the server asks for if that is longer. */
function retryDelay(
  failure: Failure,
  retryCount: number,
  { backoffSeconds, jitter }: RetrySettings,
  random: number,
): number {
  const step = backoffSeconds[Math.min(retryCount, backoffSeconds.length - 1)] ?? 0;
  const backoff = step * (1 + jitter * (2 * random - 1));
  return Math.max(backoff, failure.retryAfterSeconds ?? 0);
}

function errorMessage({ class: failureClass, code, requestId }: Failure): string {
  return failureClass + (code === null ? "" : ` code=${code}`) +
    (requestId === null ? "" : ` request=${requestId}`);
}

function gateChange(failure: Failure, { backoffSeconds }: RetrySettings): GateChange {
  switch (failure.gate) {
    case "none":
      return { kind: "none" };
    case "throttled":
      // Not this mentor's own delay, which may be hours: the gate is everybody's.
      return {
        kind: "throttled",
        seconds: failure.retryAfterSeconds ?? backoffSeconds[1] ?? backoffSeconds[0] ?? 0,
      };
    case "credentials":
      return { kind: "credentials", class: failure.class };
  }
}
