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
    return new Response(answer.text === "" ? null : answer.text, answer);
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

/**
 * The data of an answer.
 *
 * @throws {DatabaseError} whose code is an SQLSTATE, a PostgREST code or `network`; messages of the
 * server, which may quote values, are left behind
 */
function unwrap(operation: string, answer: DatabaseAnswer): unknown {
  if (answer.error === null) return answer.data;
  const code = answer.status === 0 ? "network" : safeCode(answer.error.code);
  throw new DatabaseError(operation, code, answer.status);
}

/** What reads outside data: a schema of zod. */
export interface Reader<T> {
  /** The data as they are to be, or an error. */
  safeParse(data: unknown): { success: true; data: T } | { success: false; error: Error };
}

/**
 * Reads what the database answered.
 *
 * @throws {DatabaseError} with `invalid_answer` when the answer is not of the expected shape
 */
export function read<T>(operation: string, answer: DatabaseAnswer, schema: Reader<T>): T {
  const parsed = schema.safeParse(unwrap(operation, answer));
  if (parsed.success) return parsed.data;
  throw new DatabaseError(operation, "invalid_answer", answer.status, { cause: parsed.error });
}
