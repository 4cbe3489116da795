import type { Answer } from "./answer.ts";
import { classOfCode, ONE_RECORD_CODES, SETTING_CODES } from "./error_codes.ts";
import type { FailureClass } from "../failure_classes.ts";

export type { FailureClass };

/** Whether the website is to hide a mentor or to show them. */
export type Operation = "remove" | "restore";

/** No answer: the time was up, or the connection broke. Whether it took effect is unknown. */
export interface Fault {
  /** `timeout`: the request was ended here. */
  readonly fault: "timeout" | "network";
}

/** Dynamics did what was asked. */
export interface Success {
  /** Tells it from the other results. */
  readonly kind: "success";
  /** HTTP status: 204, or 200 where a query found that the listing is gone. */
  readonly responseCode: number;
}

/** Dynamics did not do what was asked, or nobody knows. */
export interface Failure {
  /** Tells it from the other results. */
  readonly kind: "failure";
  /** The first word of `error_message`. */
  readonly class: FailureClass;
  /** Sending the same again cannot help. */
  readonly permanent: boolean;
  /** Null when there was no answer. */
  readonly responseCode: number | null;
  /** Dataverse's code, as in {@linkcode Answer}. */
  readonly code: string | null;
  /** The service's own id of the request, for Microsoft's support. */
  readonly requestId: string | null;
  /** The wait that was asked for. */
  readonly retryAfterSeconds: number | null;
  /**
   * What all workers are to stop for, not only this mentor's row. `undecided`: the database knows who else was refused and
   * who got through, so it decides whether the refusal is everybody's or this mentor's own.
   */
  readonly gate: GateWish;
}

/** Why all workers would stop; see {@linkcode Failure}. */
export type GateWish = "none" | "throttled" | "credentials" | "undecided";

/** A 404: no listing, or something else was not found; a query tells. */
export interface VerifyGone {
  /** Tells it from the other results. */
  readonly kind: "verify_gone";
}

/** What the query for a listing found. `listings` is null when the body was not readable. */
export interface GoneAnswer extends Answer {
  /** How many listings with the key were found: none or one. */
  readonly listings: number | null;
}

/**
 * What the answer to an update means. Pure: the same answer always means the same.
 * <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors#identify-status-codes>
 */
export function classifyUpdate(answer: Answer | Fault): Success | Failure | VerifyGone {
  if ("fault" in answer) return classifyFailure(answer);
  const { status, code, isDataverseError } = answer;
  // The request asks for no representation, so whatever answers anything else has not understood it.
  if (status === 204) return { kind: "success", responseCode: status };
  const isAboutUrl = code !== null && SETTING_CODES.has(code);
  if (status !== 404 || !isDataverseError || isAboutUrl || classOfCode(code, status) !== null) {
    return classifyFailure(answer);
  }
  return { kind: "verify_gone" };
}

/**
 * What it means that an update answered 404 and the query then answered this.
 *
 * @param update the 404
 */
export function classifyGone(
  operation: Operation,
  update: Answer,
  query: GoneAnswer | Fault,
): Success | Failure {
  if ("fault" in query || query.status !== 200) return classifyFailure(query);
  if (query.listings === null) return failure("invalid_response", query);
  // The listing is there, so what Dynamics did not find is something else: a plug-in's own record, say.
  if (query.listings > 0) return failure("server_error", update);
  return operation === "remove"
    ? { kind: "success", responseCode: 200 }
    : { ...failure("listing_not_found", update), permanent: true };
}

/** Classifies any response that is not a success. */
export function classifyFailure(answer: Answer | Fault): Failure {
  return "fault" in answer ? failure(answer.fault, null) : failure(classOf(answer), answer);
}

function classOf({ status, code, isDataverseError }: Answer): FailureClass {
  if (status < 400) return "invalid_response";
  const decided = classOfCode(code, status);
  if (decided !== null) return decided;
  if (status >= 500) return [502, 503, 504].includes(status) ? "unavailable" : "server_error";
  switch (status) {
    case 401:
      return "credentials_rejected";
    case 403:
      return "forbidden";
    case 408:
      return "timeout";
    case 429:
      return "throttled";
  }
  // Final words and counted refusals are Dataverse's alone; a proxy's page says nothing about a mentor.
  if (!isDataverseError) return "invalid_response";
  return status === 412 ? "precondition_failed" : "rejected";
}

function gateOf(failureClass: FailureClass, answer: Answer | null): GateWish {
  const status = answer?.status;
  // Microsoft's own client takes a 503 that asks to wait for a throttle, too.
  const asksAll = status === 429 || (status === 503 && answer?.retryAfterSeconds !== null);
  if (asksAll || failureClass === "throttled") return "throttled";
  if (failureClass === "credentials_rejected") return "credentials";
  const mayBeEverybodys = failureClass === "forbidden" || failureClass === "rejected";
  const isOneRecord = ONE_RECORD_CODES.some((known) => known === answer?.code);
  return mayBeEverybodys && !isOneRecord ? "undecided" : "none";
}

function failure(failureClass: FailureClass, answer: Answer | null): Failure {
  return {
    kind: "failure",
    class: failureClass,
    permanent: false,
    responseCode: answer?.status ?? null,
    code: answer?.code ?? null,
    requestId: answer?.requestId ?? null,
    retryAfterSeconds: answer?.retryAfterSeconds ?? null,
    gate: gateOf(failureClass, answer),
  };
}
