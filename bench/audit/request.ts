import postgres from "postgres";
import { timeByTurns } from "../rounds.ts";

/** Whose token or key a request carries. */
export interface Caller {
  readonly role: "authenticated" | "service_role";
  /** The user; nobody for a key. */
  readonly subject?: string;
}

/** A connection of PostgREST's pool. */
interface RestConnection {
  /** One request: a transaction that takes on the caller's role and claims, and answers in JSON. */
  request(caller: Caller, statement: string, parameters: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Asks the database as PostgREST does, without HTTP around it: what is measured is what a caller waits for, less what is
 * the same for everybody.
 * <https://docs.postgrest.org/en/v13/references/transactions.html>
 */
export function connectAsRest(databaseUrl: string): RestConnection {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, fetch_types: false });
  const run = (text: string, parameters: readonly unknown[] = []) =>
    sql.unsafe(text, [...parameters] as never[], { prepare: true });
  return {
    async request({ role, subject }, statement, parameters) {
      const claims = JSON.stringify({ role, ...(subject !== undefined && { sub: subject }) });
      await run("begin");
      await run(
        `select set_config('search_path', 'public, extensions', true), set_config('role', $1, true),
          set_config('request.jwt.claims', $2, true)`,
        [role, claims],
      );
      await run(statement, parameters);
      await run("commit");
    },
    close: () => sql.end({ timeout: 5 }),
  };
}

/**
 * What the four round trips of a request take that asks for nothing, in milliseconds: the same for every caller.
 */
export async function timeEmptyRequest(databaseUrl: string, rounds: number): Promise<number> {
  const connection = connectAsRest(databaseUrl);
  try {
    const request = () => connection.request({ role: "service_role" }, "select 1", []);
    return (await timeByTurns(rounds, { request })).request;
  } finally {
    await connection.close();
  }
}
