import { z } from "zod";
import { parseRetryAfter } from "./retry_after.ts";

/** What is kept of an answer. No text of it survives, only codes that fit their pattern. */
export interface Answer {
  readonly status: number;
  /** `error.code` of the body: `0x0`, or `0x8` and seven lower-case hex digits. */
  readonly code: string | null;
  /** The service's own id of the request, a lower-case uuid. */
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;
  readonly body: "empty" | "json" | "html" | "other";
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// Real codes are 0 or have the highest bit set. Eight digits that begin otherwise could be somebody's phone number.
const HEX_CODE = /^0x(?:0|8[0-9a-f]{7})$/;

const errorBody = z.object({ error: z.object({ code: z.string() }) });

/**
 * Reads what matters out of an answer of Dataverse.
 * <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors#parse-errors-from-the-response>
 *
 * @param text the body, perhaps cut off
 * @param now milliseconds since 1970
 */
export function readAnswer(
  response: { readonly status: number; readonly headers: Headers },
  text: string,
  now: number,
): Answer {
  const { status, headers } = response;
  return {
    status,
    code: readCode(text),
    requestId: readRequestId(headers),
    retryAfterSeconds: parseRetryAfter(headers.get("retry-after"), now),
    body: kindOf(text, headers.get("content-type") ?? ""),
  };
}

function kindOf(text: string, contentType: string): Answer["body"] {
  const start = text.trimStart().charAt(0);
  if (start === "") return "empty";
  if (start === "<" || contentType.toLowerCase().includes("text/html")) return "html";
  return start === "{" || start === "[" ? "json" : "other";
}

function readCode(text: string): string | null {
  // As of nearly every answer; to find out by a parser's exception costs more than all the rest here.
  if (text === "") return null;
  const parsed = errorBody.safeParse(parseJson(text));
  const code = parsed.data?.error.code.toLowerCase() ?? "";
  return HEX_CODE.test(code) ? code : null;
}

function readRequestId(headers: Headers): string | null {
  for (const name of ["x-ms-service-request-id", "req_id"]) {
    const id = headers.get(name)?.trim().toLowerCase() ?? "";
    if (UUID.test(id)) return id;
  }
  return null;
}

/** `undefined` when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
