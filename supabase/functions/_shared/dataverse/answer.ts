import * as z from "zod/mini";
import { parseJson } from "../parse_json.ts";
import { readRetryAfter } from "./retry_after.ts";

/** What is kept of an answer. No text of it survives, only codes that fit their pattern. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** `error.code` of the body: `0x0`, or `0x8` and seven lower-case hex digits. */
  readonly code: string | null;
  /** The service's own id of the request, a lower-case uuid. */
  readonly requestId: string | null;
  /** The longest wait that a header asks for. */
  readonly retryAfterSeconds: number | null;
  /** Whether the body is an error as Dataverse words it; anything else may come from whatever stands in between. */
  readonly isDataverseError: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// Real codes are 0 or have the highest bit set. Eight digits that begin otherwise could be somebody's phone number.
const HEX_CODE = /^0x(?:0|8[0-9a-f]{7})$/;

const errorBody = z.lazy(() =>
  z.object({
    error: z.union([
      z.object({ code: z.string() }),
      z.object({ code: z.optional(z.undefined()), message: z.string() }),
    ]),
  })
);

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
    ...readError(text),
    requestId: readRequestId(headers),
    retryAfterSeconds: readRetryAfter(headers, now),
  };
}

function readError(text: string): Pick<Answer, "code" | "isDataverseError"> {
  const none = { code: null, isDataverseError: false };
  // Nearly every response is empty; letting JSON.parse throw would cost more than all the rest here.
  if (text === "") return none;
  const parsed = errorBody.safeParse(parseJson(text));
  const written = parsed.success ? parsed.data.error.code ?? "" : codeOfCutOff(text);
  if (written === null) return none;
  if (written.trim() === "") return { code: null, isDataverseError: true };
  const code = toHex(written.trim().toLowerCase());
  return HEX_CODE.test(code) ? { code, isDataverseError: true } : none;
}

/** An error with the stack of a plug-in in it may be longer than what is read of a body; the code stands in front. */
function codeOfCutOff(text: string): string | null {
  return /^\s*\{\s*"error"\s*:\s*\{\s*"code"\s*:\s*"(0x[0-9a-f]+)"\s*,/i.exec(text)?.[1] ?? null;
}

/** Some servers write a code as the signed number that it is. */
function toHex(code: string): string {
  return /^-\d{10}$/.test(code) ? `0x${(Number(code) >>> 0).toString(16)}` : code;
}

function readRequestId(headers: Headers): string | null {
  for (const name of ["x-ms-service-request-id", "req_id"]) {
    const id = headers.get(name)?.trim().toLowerCase() ?? "";
    if (UUID.test(id)) return id;
  }
  return null;
}
