import { AuthClient, isAuthRetryableFetchError } from "@supabase/auth-js";
import { FunctionsClient } from "@supabase/functions-js";
import { PostgrestClient } from "@supabase/postgrest-js";
import type { Database } from "../../../supabase/functions/_shared/database.types.ts";
import type { Config } from "../model/config.ts";
import { type HeadStart, READ_TIMEOUT_MS, restUrl, sessionKey, takeAnswer } from "./head_start.ts";

/** The three parts of Supabase that the page asks; all of `supabase-js` would weigh twice as much. */
export interface Client {
  readonly auth: InstanceType<typeof AuthClient>;
  readonly rest: PostgrestClient<Database>;
  readonly functions: FunctionsClient;
  /** Whether this browser holds a session, be it one that is over. */
  readonly hasStoredSession: () => boolean;
}

/** The function gives Dynamics a minute. */
const FUNCTION_TIMEOUT_MS = 70_000;

/**
 * A client that keeps the session in this browser and renews it by itself.
 *
 * @param headStart what was asked already
 */
export function createConsoleClient(
  config: Config,
  get: typeof fetch = fetch,
  headStart: HeadStart = new Map(),
): Client {
  const { supabaseUrl, publishableKey } = config;
  const headers = { apikey: publishableKey };
  const storageKey = sessionKey(supabaseUrl);
  const auth = new AuthClient({
    url: `${supabaseUrl}/auth/v1`,
    headers,
    storageKey,
    flowType: "pkce",
    // What a link brings is read by `arrival.ts`, which knows what the page is to show for it.
    detectSessionInUrl: false,
    fetch: withTimeout(get, READ_TIMEOUT_MS),
  });
  const asUser = asSignedIn(auth, get, headStart);
  return {
    auth,
    // What is read is read again soon; retries within would only hide that there is no contact.
    rest: new PostgrestClient<Database>(restUrl(config), {
      headers,
      fetch: withTimeout(asUser, READ_TIMEOUT_MS),
      retry: false,
    }),
    functions: new FunctionsClient(`${supabaseUrl}/functions/v1`, {
      headers,
      customFetch: withTimeout(asUser, FUNCTION_TIMEOUT_MS),
    }),
    hasStoredSession: () => {
      try {
        return localStorage.getItem(storageKey) !== null;
      } catch {
        return false;
      }
    },
  };
}

/** Gives up on an answer that does not come, and on one that does not end. */
export function withTimeout(get: typeof fetch, milliseconds: number): typeof fetch {
  return (input, init) => {
    const timeout = AbortSignal.timeout(milliseconds);
    const { signal } = init ?? {};
    return get(input, { ...init, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  };
}

/** Asks with the token of whoever is signed in, and does not ask at all for anybody else. */
function asSignedIn(
  auth: Client["auth"],
  get: typeof fetch,
  headStart: HeadStart,
): typeof fetch {
  return async (input, init) => {
    const { data: { session }, error } = await auth.getSession();
    if (session === null) {
      if (isAuthRetryableFetchError(error)) throw new TypeError("No contact", { cause: error });
      return Response.json({ code: "PGRST301", message: "Signed out" }, { status: 401 });
    }
    const answer = takeAnswer(headStart, String(input), init?.body, session.access_token);
    if (answer !== null) return await answer;
    const headers = new Headers(init?.headers);
    headers.set("authorization", `Bearer ${session.access_token}`);
    return await get(input, { ...init, headers });
  };
}
