import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import type { Database } from "../../supabase/functions/_shared/database.types.ts";
import type { Operation } from "../../supabase/functions/_shared/dataverse/classify.ts";
import { DatabaseError } from "../../supabase/functions/_shared/errors.ts";
import { DataverseError } from "../../supabase/functions/_shared/dataverse/dataverse_error.ts";
import { callFunction } from "../../supabase/functions/_shared/service_client.ts";
import { OperationError } from "../cli/errors.ts";
import type { Attempt, AttemptResult, Order } from "./run.ts";
import type { SupabaseLogin } from "./questions.ts";
import type { Words } from "./words/english.ts";

/** An attempt made without the database. */
export interface OfflineAttempt extends Order {
  readonly attemptId: string;
  readonly outcome: "success" | "failure" | "dead_lettered";
  readonly responseCode: number | null;
  readonly errorMessage: string | null;
}

/** The mentor is not known, or the id is that of an attempt that was claimed in the database. */
export type Obstacle = z.infer<typeof obstacle>;

/** Ids of attempts that were not settled. */
export interface Unsettled {
  /** The database has settled them already. */
  readonly leaseLost: readonly string[];
  /** The mentor is locked just now, by a transaction of the app: to be settled again. */
  readonly busy: readonly string[];
}

/** What an administrator may do in the database. Every call throws {@linkcode DatabaseError}. */
export interface Administrator {
  /** What is wanted for every mentor, a page at a time. */
  wanted(): AsyncGenerator<Order[]>;
  /** Leaves out what another worker has in flight, and what is beyond the budget of requests. */
  claim(mentorIds: readonly string[], leaseSeconds: number): Promise<Attempt[]>;
  settle(results: readonly AttemptResult[]): Promise<Unsettled>;
  /** What keeps attempts from being written in, by their ids. */
  findObstacles(attempts: readonly OfflineAttempt[]): Promise<Map<string, Obstacle>>;
  /** @returns how many were new; those with an obstacle are left out */
  importAttempts(attempts: readonly OfflineAttempt[]): Promise<number>;
  signOut(): Promise<void>;
}

const operation: z.ZodType<Operation> = z.enum(["remove", "restore"]);
const wantedPage = z.array(z.object({ mentor_id: z.guid(), wanted_operation: operation }));
const claimed = z.array(z.object({
  attempt_id: z.guid(),
  mentor_id: z.guid(),
  operation,
  retry_count: z.int().min(0),
}));
const settled = z.array(
  z.object({ attempt_id: z.guid(), result: z.enum(["settled", "lease_lost", "busy"]) }),
);
const count = z.int().min(0);
const obstacle = z.enum(["unknown_mentor", "id_is_taken"]);
const obstacles = z.array(z.object({ attempt_id: z.guid(), obstacle }));

/** Supabase answers at most so many rows, unless a project says otherwise. */
const PAGE_SIZE = 1000;
const TIMEOUT_MILLISECONDS = 15_000;

const fetchInTime: typeof fetch = (input, init) =>
  fetch(input, { ...init, signal: init?.signal ?? AbortSignal.timeout(TIMEOUT_MILLISECONDS) });

/**
 * Signs in for as long as `work` takes. The session stays in memory.
 *
 * @throws {OperationError} for whatever the database or Dynamics refuse meanwhile
 */
export async function withAdministrator<T>(
  login: SupabaseLogin,
  words: Words,
  work: (administrator: Administrator) => Promise<T>,
): Promise<T> {
  const administrator = await signIn(login, words);
  try {
    return await work(administrator);
  } catch (error) {
    if (error instanceof DatabaseError) throw explainDatabaseError(error, words);
    if (error instanceof DataverseError) {
      throw new OperationError("refused", words.dynamics.fault(error.message), { cause: error });
    }
    throw error;
  } finally {
    await administrator.signOut().catch(() => {});
  }
}

/** <https://supabase.com/docs/reference/javascript/auth-signinwithpassword> */
async function signIn(login: SupabaseLogin, { database }: Words): Promise<Administrator> {
  const client = createClient<Database>(login.url, login.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // Whether an attempt may be repeated is known here.
    db: { retry: false },
    global: { fetch: fetchInTime },
  });
  const { email, password } = login;
  const { error } = await client.auth.signInWithPassword({ email, password });
  if (error !== null) {
    const status = error.status ?? 0;
    if (status === 0 || status >= 500) throw new OperationError("unreachable", database.away);
    throw new OperationError("refused", database.refused);
  }
  return administrator(client);
}

function administrator(client: SupabaseClient<Database>): Administrator {
  return {
    async *wanted() {
      let after: string | undefined;
      for (;;) {
        const page = await callFunction(client, "get_hlf_break_glass_view", {
          page_size: PAGE_SIZE,
          ...(after !== undefined && { after_mentor_id: after }),
        }, wantedPage);
        if (page.length === 0) return;
        yield page.map((row) => ({ mentorId: row.mentor_id, operation: row.wanted_operation }));
        after = page.at(-1)?.mentor_id;
      }
    },

    async claim(mentorIds, leaseSeconds) {
      const rows = await callFunction(client, "claim_hlf_break_glass", {
        mentor_ids: [...mentorIds],
        lease_seconds: leaseSeconds,
      }, claimed);
      return rows.map((row) => ({
        attemptId: row.attempt_id,
        mentorId: row.mentor_id,
        operation: row.operation,
        retryCount: row.retry_count,
      }));
    },

    async settle(results) {
      const decisions = results.map(({ decision }) => decision);
      const rows = await callFunction(client, "settle_hlf_break_glass", {
        attempt_ids: results.map(({ attempt }) => attempt.attemptId),
        outcomes: decisions.map((decision) => decision.outcome),
        // The generated types do not know that arrays may hold nulls; Postgres does.
        response_codes: decisions.map((decision) => decision.responseCode) as number[],
        error_messages: decisions.map((decision) => decision.errorMessage) as string[],
      }, settled);
      const idsOf = (result: "lease_lost" | "busy") =>
        rows.filter((row) => row.result === result).map((row) => row.attempt_id);
      return { leaseLost: idsOf("lease_lost"), busy: idsOf("busy") };
    },

    async findObstacles(attempts) {
      const rows = await callFunction(client, "find_hlf_break_glass_obstacles", {
        attempt_ids: attempts.map((attempt) => attempt.attemptId),
        mentor_ids: attempts.map((attempt) => attempt.mentorId),
      }, obstacles);
      return new Map(rows.map((row) => [row.attempt_id, row.obstacle]));
    },

    importAttempts: (attempts) =>
      callFunction(client, "import_hlf_break_glass", {
        attempt_ids: attempts.map((attempt) => attempt.attemptId),
        mentor_ids: attempts.map((attempt) => attempt.mentorId),
        operations: attempts.map((attempt) => attempt.operation),
        outcomes: attempts.map((attempt) => attempt.outcome),
        response_codes: attempts.map((attempt) => attempt.responseCode) as number[],
        error_messages: attempts.map((attempt) => attempt.errorMessage) as string[],
      }, count),

    // Whether the server still hears of it or not, this process forgets the session.
    signOut: async () => void await client.auth.signOut({ scope: "local" }),
  };
}

/** A fault of the database in one line: whether it is out of reach, or refuses. */
function explainDatabaseError(error: DatabaseError, { database }: Words): OperationError {
  const options = { cause: error };
  if (error.code === "42501") {
    return new OperationError("refused", database.noAdministrator, options);
  }
  // PGRST000 to 003: REST answers, but has no database behind it.
  const isAway = error.code === "network" || error.status >= 500 || /^PGRST00/.test(error.code);
  return isAway
    ? new OperationError("unreachable", database.noAnswer(error.message), options)
    : new OperationError("refused", database.refuses(error.message), options);
}
