import type {
  Failure,
  Operation,
  Success,
} from "../../supabase/functions/_shared/dataverse/classify.ts";
import type {
  DataverseClient,
  NotSent,
} from "../../supabase/functions/_shared/dataverse/client.ts";
import { decide, type Decision } from "../../supabase/functions/hlf-sync/decide.ts";

/** What a mentor's listing is to become. */
export interface Order {
  readonly mentorId: string;
  readonly operation: Operation;
}

export interface Attempt extends Order {
  readonly attemptId: string;
  /** Attempts made before this one. */
  readonly retryCount: number;
}

export interface AttemptResult {
  readonly attempt: Attempt;
  readonly decision: Decision;
}

/**
 * This many requests are under way at a time. Dataverse refuses the 52nd, and the function may be at
 * work as well.
 */
export const WAVE = 25;

/** A person starts the tool again, so nothing is tried twice and only what is hopeless is given up. */
const NO_RETRY = { backoffSeconds: [], jitter: 0 };

const NEVER_LEFT: Decision = {
  outcome: "failure",
  errorMessage: "interrupted",
  responseCode: null,
  retryDelaySeconds: null,
  gate: { kind: "none" },
};

/**
 * Tells Dynamics, for all attempts at once, and says what the audit log is to hold of each.
 *
 * @param notAfter on the monotonic clock: no request starts that could still be running then
 * @param onResult called as each attempt ends; its promise is waited for
 */
export async function sendWave(
  dataverse: DataverseClient,
  attempts: readonly Attempt[],
  notAfter: number,
  onResult: (result: AttemptResult) => Promise<void> | void = () => {},
): Promise<AttemptResult[]> {
  return await Promise.all(attempts.map(async (attempt) => {
    const answer = await dataverse.updateListing({ ...attempt, notAfter });
    const result = { attempt, decision: judge(answer, attempt.retryCount) };
    await onResult(result);
    return result;
  }));
}

function judge(answer: Success | Failure | NotSent, retryCount: number): Decision {
  return answer.kind === "not_sent"
    ? NEVER_LEFT
    : decide(answer, { retryCount, isLast: false }, NO_RETRY, 0);
}

/** Removes first: a person who must not be shown any longer waits for nobody. */
export function inWaves<T extends Order>(orders: readonly T[]): T[][] {
  const waves: T[][] = [];
  for (const operation of ["remove", "restore"] as const) {
    const some = orders.filter((order) => order.operation === operation);
    for (let start = 0; start < some.length; start += WAVE) {
      waves.push(some.slice(start, start + WAVE));
    }
  }
  return waves;
}
