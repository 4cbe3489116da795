const CORS = {
  "Access-Control-Allow-Origin": "*",
  // All that supabase-js sends along.
  "Access-Control-Allow-Headers":
    "authorization, apikey, content-type, x-client-info, x-retry-count, traceparent, tracestate, baggage",
  "Access-Control-Expose-Headers": "Retry-After",
  "Access-Control-Allow-Methods": "POST, OPTIONS",
};

/**
 * The console is a page of another origin. Callers show a token in a header, never a cookie, so any
 * origin may ask.
 * <https://supabase.com/docs/guides/functions/cors>
 */
export function preflight(): Response {
  return new Response(null, { status: 204, headers: CORS });
}

/** An answer with a JSON body, which a page of any origin may read. */
export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  return Response.json(body, { status, headers: { ...CORS, ...headers } });
}

/** `{"error": {"code", "message", "problems"}}`; nothing internal goes into any of them. */
export function refusal(
  status: number,
  code: string,
  message: string,
  more: { readonly problems?: readonly string[]; readonly headers?: Record<string, string> } = {},
): Response {
  const { problems = [], headers = {} } = more;
  return json(status, { error: { code, message, problems } }, headers);
}
