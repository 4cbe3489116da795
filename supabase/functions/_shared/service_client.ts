import { PostgrestClient } from "@supabase/postgrest-js";
import type { Database } from "./database.types.ts";
import { DatabaseError } from "./errors.ts";
import { fetchBounded } from "./fetch_bounded.ts";
import { safeCode } from "./log.ts";

/** A client of this project's schema `public`. */
export type DatabaseClient = PostgrestClient<Database>;

/** Shorter than a lease, so that a hanging database is noticed in time. */
const TIMEOUT_SECONDS = 10;

/**
 * A client with one key and, for a user, their token. It does not repeat requests: whether that is right is for the caller
 * to know. The headers are those of supabase-js, of which only this part is needed.
 * <https://supabase.com/docs/guides/api/api-keys>
 */
export function createDatabaseClient(
  url: string,
  key: string,
  options: {
    readonly userToken?: string;
    readonly fetch?: typeof globalThis.fetch;
    readonly timeoutSeconds?: number;
  } = {},
): DatabaseClient {
  const { userToken, fetch = globalThis.fetch, timeoutSeconds = TIMEOUT_SECONDS } = options;
  return new PostgrestClient<Database>(`${url}/rest/v1`, {
    headers: { apikey: key, Authorization: `Bearer ${userToken ?? key}` },
    fetch: boundWithBody(fetch, timeoutSeconds),
    retry: false,
  });
}

/** The client's own timeout ends with the headers; a body that never ends would hang its caller. */
function boundWithBody(
  fetch: typeof globalThis.fetch,
  timeoutSeconds: number,
): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const limits = { timeoutSeconds, bodyLimit: Infinity };
    const answer = await fetchBounded(fetch, String(input), init, limits);
    if ("fault" in answer) throw new TypeError(answer.fault);
    // The client takes a 404 without a body, or with a list, for success; a gateway's is none.
    const isBare = answer.status === 404 && /^\s*(\[|$)/.test(answer.text);
    const text = isBare ? "{}" : answer.text;
    return new Response(text === "" ? null : text, answer);
  };
}

/** What the client answers instead of throwing. */
export interface DatabaseAnswer {
  /** What was asked for; null after a fault. */
  readonly data: unknown;
  /** Null when the call succeeded. */
  readonly error: { readonly code?: string } | null;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
}

/** What reads outside data: a schema of zod. */
export interface Reader<T> {
  /** The data as they are to be, or an error. */
  safeParse(data: unknown): { success: true; data: T } | { success: false; error: Error };
}

/** For an answer that says nothing beyond that there was one. */
export const nothing: Reader<void> = {
  safeParse: () => ({ success: true, data: undefined }),
};

/**
 * Calls a function of the database over REST, and reads what it answers.
 *
 * @throws {DatabaseError} whose code is an SQLSTATE, a PostgREST code, `network`, or `invalid_answer` for an answer of another
 * shape; messages of the server, which may quote values, are left behind
 */
export async function callFunction<Name extends keyof Database["public"]["Functions"], T>(
  client: Pick<DatabaseClient, "rpc">,
  name: Name,
  args: Database["public"]["Functions"][Name]["Args"],
  schema: Reader<T>,
): Promise<T> {
  const { data, error, status }: DatabaseAnswer = await client.rpc(name, args);
  if (error !== null) {
    throw new DatabaseError(name, status === 0 ? "network" : safeCode(error.code), status);
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new DatabaseError(name, "invalid_answer", status, { cause: parsed.error });
}
