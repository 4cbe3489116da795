import postgres from "postgres";
import { OperationError } from "./errors.ts";
import { isThisMachine } from "./this_machine.ts";

const CONNECT_TIMEOUT_SECONDS = 15;

/**
 * One connection to the database of a deployment; it connects with the first query.
 *
 * @throws {OperationError} `usage`
 */
export function openDatabase(url: string): postgres.Sql {
  return postgres(url, {
    max: 1,
    // Poolers of transactions know nothing of prepared statements.
    prepare: false,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    // Each try after the first waits, and a person in front of it as well.
    backoff: () => 0.1,
    onnotice: () => {},
    ...tlsOptions(url),
  });
}

/**
 * The owner's connection string.
 *
 * @throws {OperationError} `usage`
 */
export function requireDatabaseUrl(): string {
  const url = Deno.env.get("DATABASE_URL");
  if (url) return url;
  throw new OperationError("usage", "DATABASE_URL is missing: the owner's connection string");
}

/**
 * Connects for as long as `work` takes, once the database has answered.
 *
 * @throws {OperationError} `usage`, `unreachable` or `refused`
 */
export async function withDatabase<T>(
  url: string,
  work: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const sql = openDatabase(url);
  try {
    await sql`select 1`.catch((error) => {
      throw explainDatabase(error);
    });
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/**
 * Encrypted, unless the database is on this machine or the URL says otherwise.
 *
 * @throws {OperationError} `usage`
 */
export function tlsOptions(url: string): { readonly ssl?: "require" } {
  const problem = findUrlProblem(url);
  if (problem !== null) throw new OperationError("usage", `Cannot read DATABASE_URL: ${problem}`);
  const { hostname, searchParams } = new URL(url);
  const isDecided = searchParams.has("sslmode") || isThisMachine(hostname);
  return isDecided ? {} : { ssl: "require" };
}

const PERCENT = "in its password write % as %25, # as %23, @ as %40, / as %2F, ? as %3F, : as %3A";

/** Programs disagree about unencoded characters in a password, so none is let through. */
function findUrlProblem(url: string): string | null {
  if (!/^postgres(ql)?:\/\//.test(url)) return "it must be postgresql://…";
  if (url.includes("[YOUR-PASSWORD]")) return "[YOUR-PASSWORD] is still in it";
  if (!URL.canParse(url)) return url.includes("@") ? PERCENT : "it must be postgresql://…";
  const { hash, pathname, search, username, password } = new URL(url);
  const authority = url.slice(url.indexOf("://") + 3).split("/", 1)[0] ?? "";
  const isTorn = hash !== "" || pathname.includes("@") || search.includes("@") ||
    authority.split("@").length > 2;
  return isTorn || !isEncoded(username) || !isEncoded(password) ? PERCENT : null;
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Class 08, and what a server says that is starting, ending or full. */
const AWAY = /^(08|57P0|53)/;

/**
 * What a fault of the connection or a refusal of the server means. Messages of the server may quote
 * values, so only its code is told.
 *
 * @param table what was read, for refusals that name one
 * @returns an {@linkcode OperationError} of `unreachable` or `refused`, or the error itself when it is none of a database
 */
export function explainDatabase(error: unknown, table = "it"): unknown {
  if (error instanceof OperationError || !(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : "";
  const told = (kind: "refused" | "unreachable", message: string) =>
    new OperationError(kind, message, { cause: error });
  if (error instanceof postgres.PostgresError) {
    if (AWAY.test(code)) return told("unreachable", `The database cannot be reached (${code})`);
    switch (code) {
      case "42P01":
        return told("refused", `There is no table ${table}`);
      case "42501":
        return told("refused", `The role may not read all of ${table}`);
      case "28P01":
      case "28000":
        return told(
          "refused",
          `The database refuses the user or the password (in DATABASE_URL, ${PERCENT})`,
        );
      case "3D000":
        return told("refused", "The server has no database of the name in DATABASE_URL");
      default:
        return told("refused", `The database refuses (${code})`);
    }
  }
  // Of TLS, which Deno reports without a code.
  if (/certificate|UnknownIssuer|TLS|SSL/i.test(error.message)) {
    return told("unreachable", "The database cannot be reached: no encrypted connection to it");
  }
  return isOfConnections(code)
    ? told("unreachable", `The database cannot be reached (${code})`)
    : error;
}

/** Codes of the operating system, of DNS and of the driver. */
function isOfConnections(code: string): boolean {
  return /^(E(CONN|HOST|NET|ADDR|AI_|PIPE$|TIMEDOUT|NOTFOUND)|CONNECT)/.test(code);
}
