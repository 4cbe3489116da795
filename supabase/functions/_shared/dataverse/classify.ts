import type { Answer } from "./answer.ts";

export type Operation = "remove" | "restore";

/** The words an `error_message` may begin with, but for `interrupted`, which only the database writes. */
export type FailureClass =
  | "throttled"
  | "unavailable"
  | "timeout"
  | "network"
  | "credentials_rejected"
  | "forbidden"
  | "listing_not_found"
  | "precondition_failed"
  | "rejected"
  | "server_error"
  | "invalid_response";

/** No answer: the time was up, or the connection broke. Whether it took effect is unknown. */
export interface Fault {
  readonly fault: "timeout" | "network";
}

export interface Success {
  readonly kind: "success";
  readonly responseCode: number;
}

export interface Failure {
  readonly kind: "failure";
  readonly class: FailureClass;
  /** Sending the same again cannot help. */
  readonly permanent: boolean;
  /** Null when there was no answer. */
  readonly responseCode: number | null;
  readonly code: string | null;
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;
  /** What all workers are to stop for, not only this mentor's row. */
  readonly gate: "none" | "throttled" | "credentials";
}

/** A 404 on `remove`: gone, or not found for another reason; a query tells. */
export interface VerifyGone {
  readonly kind: "verify_gone";
}

/** What the query for a listing found. `listings` is null when the body was not readable. */
export interface GoneAnswer extends Answer {
  readonly listings: number | null;
}

/** The error codes that decide something, from Microsoft's tables and recorded answers. */
export const ERROR_CODES = {
  unknownSet: "0x8006088a",
  noRecordWithId: "0x80040217",
  noRecordWithKey: "0x80060891",
} as const;

/**
 * What the answer to an update means. Pure: the same answer always means the same.
 * <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors#identify-status-codes>
 */
export function classifyUpdate(
  operation: Operation,
  answer: Answer | Fault,
): Success | Failure | VerifyGone {
  if ("fault" in answer) return classifyFailure(answer);
  const { status, body, code } = answer;
  if (status === 204 || (status === 200 && body === "json")) {
    return { kind: "success", responseCode: status };
  }
  // A page of HTML is some other server's 404, and an unknown set is a wrong setting: neither
  // says anything about this listing.
  if (status !== 404 || body === "html" || code === ERROR_CODES.unknownSet) {
    return classifyFailure(answer);
  }
  if (operation === "remove") return { kind: "verify_gone" };
  const known = code === null || code === ERROR_CODES.noRecordWithId ||
    code === ERROR_CODES.noRecordWithKey;
  return known
    ? failure("listing_not_found", answer, { permanent: true })
    : classifyFailure(answer);
}

/**
 * What it means that an update answered 404 and the query then answered this.
 *
 * @param update the 404
 */
export function classifyGone(update: Answer, query: GoneAnswer | Fault): Success | Failure {
  if (!("fault" in query) && query.status === 200) {
    if (query.listings === 0) return { kind: "success", responseCode: 200 };
    return query.listings === null
      ? failure("invalid_response", query)
      : failure("listing_not_found", update);
  }
  // The query failing says nothing final about the listing.
  return { ...classifyFailure(query), permanent: false };
}

/** What an answer means that is none of the hoped-for ones, whatever was asked. */
export function classifyFailure(answer: Answer | Fault): Failure {
  if ("fault" in answer) return failure(answer.fault, null);
  const { status } = answer;
  if (status < 400) return failure("invalid_response", answer);
  if (status >= 500) {
    const passing = status === 502 || status === 503 || status === 504;
    return failure(passing ? "unavailable" : "server_error", answer);
  }
  switch (status) {
    case 401:
      return failure("credentials_rejected", answer, { gate: "credentials" });
    case 403: {
      // Both concern the application user as a whole, so every further request would meet the same.
      const unknownUser = answer.code === "0x80072560";
      return failure(unknownUser ? "credentials_rejected" : "forbidden", answer, {
        gate: "credentials",
      });
    }
    case 404:
      return failure(answer.body === "html" ? "invalid_response" : "rejected", answer);
    case 408:
      return failure("timeout", answer);
    case 412:
      return failure("precondition_failed", answer);
    case 429:
      return failure("throttled", answer, { gate: "throttled" });
    default:
      return failure("rejected", answer, { permanent: true });
  }
}

function failure(
  failureClass: FailureClass,
  answer: Answer | null,
  more: Partial<Pick<Failure, "permanent" | "gate">> = {},
): Failure {
  return {
    kind: "failure",
    class: failureClass,
    permanent: false,
    responseCode: answer?.status ?? null,
    code: answer?.code ?? null,
    requestId: answer?.requestId ?? null,
    retryAfterSeconds: answer?.retryAfterSeconds ?? null,
    gate: "none",
    ...more,
  };
}
