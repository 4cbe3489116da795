import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "./database.types.ts";
import { DatabaseError } from "./errors.ts";
import { safeCode } from "./log.ts";

export type DatabaseClient = SupabaseClient<Database>;

/** A hanging database is to be noticed before a lease runs out. */
const TIMEOUT_MILLISECONDS = 10_000;

/**
 * A client with one key and, for a user, their token. It keeps no session, and does not repeat
 * requests: whether that is right is for the caller to know.
 */
export function createDatabaseClient(
  url: string,
  key: string,
  options: { readonly userToken?: string; readonly fetch?: typeof globalThis.fetch } = {},
): DatabaseClient {
  const { userToken, fetch } = options;
  return createClient<Database>(url, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    db: { timeout: TIMEOUT_MILLISECONDS, retry: false },
    global: {
      ...(userToken !== undefined && { headers: { Authorization: `Bearer ${userToken}` } }),
      ...(fetch && { fetch }),
    },
  });
}

/** What supabase-js answers instead of throwing. */
export interface DatabaseAnswer {
  readonly data: unknown;
  readonly error: { readonly code?: string } | null;
  readonly status: number;
}

/**
 * The data of an answer.
 *
 * @throws {DatabaseError} whose code is an SQLSTATE, a PostgREST code or `network`; messages of the
 * server, which may quote values, are left behind
 */
export function unwrap(operation: string, answer: DatabaseAnswer): unknown {
  if (answer.error === null) return answer.data;
  const code = answer.status === 0 ? "network" : safeCode(answer.error.code);
  throw new DatabaseError(operation, code, answer.status);
}
