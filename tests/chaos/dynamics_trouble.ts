import type { FaultAnswer, FaultRule } from "../../simulator/simulator_client.ts";

/** The three limits of Dataverse, and a 429 that is none of them. */
export const THROTTLE_CODES = ["0x80072322", "0x80072321", "0x80072326", "0x80071151"] as const;

/** What may come back from Dynamics, or not. */
export type DynamicsTrouble =
  | {
    readonly kind: "throttle";
    readonly code: typeof THROTTLE_CODES[number];
    readonly retryAfter: "seconds" | "date" | "missing";
  }
  | { readonly kind: "error"; readonly status: number; readonly code: string }
  | { readonly kind: "html"; readonly status: number }
  | { readonly kind: "reset" }
  | { readonly kind: "commit_then_reset" }
  /** Takes effect at once; the answer comes when the client has long given up. */
  | { readonly kind: "late_answer"; readonly seconds: number }
  /** Takes effect although the client has given up, and perhaps after a newer request. */
  | { readonly kind: "late_commit"; readonly seconds: number }
  /** What Entra answers, or does not. */
  | { readonly kind: "token"; readonly answer: "unavailable" | "throttle" | "html" | "reset" };

/**
 * The simulator's rule for it.
 *
 * @param now milliseconds since 1970, from which a date is counted
 */
export function faultRule(
  trouble: DynamicsTrouble,
  { times, mentorId, now }: {
    readonly times: number;
    readonly mentorId: string | null;
    readonly now: number;
  },
): FaultRule {
  const target = trouble.kind === "token" ? "token" : "patch";
  return {
    match: { target, ...(mentorId !== null && target === "patch" && { mentorId }) },
    times,
    answer: faultAnswer(trouble, now),
  };
}

function faultAnswer(trouble: DynamicsTrouble, now: number): FaultAnswer {
  switch (trouble.kind) {
    case "throttle": {
      const { code, retryAfter } = trouble;
      if (retryAfter === "missing") return { status: 429, code };
      const value = retryAfter === "date" ? new Date(now + 1_000).toUTCString() : "1";
      return { status: 429, code, headers: { "Retry-After": value } };
    }
    case "error":
      return { status: trouble.status, code: trouble.code };
    case "html":
      return { status: trouble.status, body: "<html><title>Service Unavailable</title></html>" };
    case "reset":
      return { reset: true };
    case "commit_then_reset":
      return { commitThenReset: true };
    case "late_answer":
      return { delaySeconds: trouble.seconds };
    case "late_commit":
      return { delaySeconds: trouble.seconds, lateCommit: true };
    case "token":
      return tokenAnswer(trouble.answer);
  }
}

function tokenAnswer(answer: "unavailable" | "throttle" | "html" | "reset"): FaultAnswer {
  switch (answer) {
    case "unavailable":
      return { status: 503 };
    case "throttle":
      return { status: 429, headers: { "Retry-After": "1" } };
    case "html":
      return { status: 502, body: "<html><title>Bad Gateway</title></html>" };
    case "reset":
      return { reset: true };
  }
}
