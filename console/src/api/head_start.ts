import type { Config } from "../model/config.ts";
import { organisationIn } from "../model/address.ts";

/** Questions that were asked before the page's script was read, each with its answer to come. */
export type HeadStart = Map<string, Promise<Response>>;

/** No question is waited for longer; the page says then that it has no contact. */
export const READ_TIMEOUT_MS = 15_000;
/** A session that ends sooner is renewed first. */
const LEFT_MS = 120_000;

/** Where `auth-js` keeps the session in this browser. */
export function sessionKey(supabaseUrl: string): string {
  return `sb-${new URL(supabaseUrl).hostname.split(".")[0]}-auth-token`;
}

/** What says where the database is asked, and with which key. */
type Where = Pick<Config, "supabaseUrl" | "publishableKey" | "asksThroughHost">;

/** Where the database is asked: of the page's own host, before which no browser asks whether it may, or of the project. */
export function restUrl({ supabaseUrl, asksThroughHost }: Where): string {
  return `${asksThroughHost ? location.origin : supabaseUrl}/rest/v1`;
}

/** The organisation of which somebody will most likely see the news. */
export function likelyOrganisation(hash: string, before: string | null): string | null {
  return organisationIn(hash) ?? (before || null);
}

/**
 * Asks what the page asks first of all, for whoever is signed in. The page takes an answer for its own if it comes to ask the
 * same for the same session, and asks anew if not: nothing is decided here.
 */
export function askAhead(
  config: Where,
  session: string | null,
  organisationId: string | null,
  now: number,
  get: typeof fetch,
): HeadStart {
  const headStart: HeadStart = new Map();
  const token = tokenIn(session, now);
  if (token === null || organisationId === null) return headStart;
  for (
    const [name, question] of [
      ["get_hlf_organisations", {}],
      ["read_hlf_sync_news", { org_id: organisationId }],
    ] as const
  ) {
    const url = `${restUrl(config)}/rpc/${name}`;
    const body = JSON.stringify(question);
    const answer = get(url, {
      method: "POST",
      headers: {
        apikey: config.publishableKey,
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      },
      body,
      signal: AbortSignal.timeout(READ_TIMEOUT_MS),
    });
    // Whoever takes it sees that it failed.
    answer.catch(() => {});
    headStart.set(keyOf(url, body, token), answer);
  }
  return headStart;
}

/** The answer to a question that was asked already, once; null where it was not. */
export function takeAnswer(
  headStart: HeadStart,
  url: string,
  body: unknown,
  token: string,
): Promise<Response> | null {
  const key = keyOf(url, String(body), token);
  const answer = headStart.get(key) ?? null;
  headStart.delete(key);
  return answer;
}

function keyOf(url: string, body: string, token: string): string {
  return [url, body, token].join("\n");
}

/** The token of a session that lasts for a while yet; null in any other case. */
function tokenIn(session: string | null, now: number): string | null {
  const { access_token: token, expires_at: end }: Record<string, unknown> = Object(
    JSON.parse(session ?? "null"),
  );
  return typeof token === "string" && typeof end === "number" && end * 1000 - now > LEFT_MS
    ? token
    : null;
}
