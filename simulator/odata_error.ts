import type { ReplyHeaders } from "./messages.ts";

/**
 * An error that Dataverse answers with, as `{"error": {"code", "message"}}`.
 *
 * @see https://learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors
 */
export class ODataError extends Error {
  override readonly name = "ODataError";

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** Dataverse's hex code, such as `0x80040217`; may be empty. */
    readonly code: string,
    message: string,
    readonly headers: ReplyHeaders = {},
  ) {
    super(message);
  }
}

/** The URL cannot be read as a query. */
export function badQuery(detail: string): ODataError {
  return new ODataError(400, "0x80060888", `Bad Request - Error in query syntax. ${detail}`);
}

/** The body is not what the table takes. */
export function badPayload(detail: string): ODataError {
  return new ODataError(
    400,
    "0x80048d19",
    `Error identified in Payload provided by the user for Entity :'hlf_mentorlistings'. ${detail}`,
  );
}

/** The real Dataverse can do this; the simulator says so rather than guess. */
export function notSimulated(what: string): ODataError {
  return new ODataError(501, "", `The simulator does not offer ${what}.`);
}
