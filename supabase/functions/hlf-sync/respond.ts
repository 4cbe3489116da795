/** What every answer says to a page of another origin. */
const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Retry-After",
};
const PREFLIGHT = {
  ...CORS,
  // All that supabase-js sends along.
  "Access-Control-Allow-Headers":
    "authorization, apikey, content-type, x-client-info, x-retry-count, traceparent, tracestate, baggage",
  "Access-Control-Allow-Methods": "POST, OPTIONS",
};

/**
 * The console is a page of another origin. Callers show a token in a header, never a cookie, so any
 * origin may ask.
 * <https://supabase.com/docs/guides/functions/cors>
 */
export function preflight(): Response {
  return new Response(null, { status: 204, headers: PREFLIGHT });
}

/** An answer with a JSON body, which a page of any origin may read. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(body, { status, headers: { ...CORS, ...headers } });
}

/** The largest body that is read, in bytes. */
export const BODY_LIMIT = 65_536;

/** Everything that is ever refused: with which status, and in which words. */
export const REFUSALS = {
  invalid_json: { status: 400, message: "The body is not JSON" },
  invalid_body: { status: 400, message: "The body is not one of the known triggers" },
  unauthorised: { status: 401, message: "The token was not accepted; sign in again" },
  not_coordinator: { status: 403, message: "Only coordinators may do this" },
  not_found: { status: 404, message: "No such mentor among those you coordinate" },
  method_not_allowed: {
    status: 405,
    message: "Only POST is understood here",
    headers: { Allow: "POST, OPTIONS" },
  },
  sync_disabled: { status: 409, message: "This organisation does not sync with HLF" },
  foreign_project: {
    status: 409,
    message: "This function works on the database of another project",
  },
  body_too_large: { status: 413, message: `The body is larger than ${BODY_LIMIT} bytes` },
  unsupported_media_type: { status: 415, message: "The body must be application/json" },
  too_many_requests: {
    status: 429,
    message: "Too many requests by hand; wait a minute",
    headers: { "Retry-After": "60" },
  },
  internal_error: { status: 500, message: "Something went wrong here; try again later" },
  unavailable: { status: 503, message: "The database cannot be reached; try again later" },
} as const satisfies Readonly<Record<string, Refusal>>;

/** What is answered to a request that is refused. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** For the person who reads it; nothing internal, and no value that was sent. */
  readonly message: string;
  /** Headers that go with it. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** `{"error": {"code", "message", "problems"}}`; nothing internal goes into any of them. */
export function refuse(
  code: keyof typeof REFUSALS,
  more: { readonly message?: string; readonly problems?: readonly string[] } = {},
): Response {
  const { status, headers, message }: Refusal = { ...REFUSALS[code], ...more };
  return json(status, { error: { code, message, problems: more.problems ?? [] } }, headers);
}
