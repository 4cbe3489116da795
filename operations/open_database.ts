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
    onnotice: () => {},
    ...tlsOptions(url),
  });
}

/**
 * Encrypted, unless the database is on this machine or the URL says otherwise.
 *
 * @throws {OperationError} `usage`
 */
export function tlsOptions(url: string): { readonly ssl?: "require" } {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new OperationError("usage", "Cannot read DATABASE_URL: it must be postgresql://…");
  }
  const { hostname, searchParams } = new URL(url);
  const isDecided = searchParams.has("sslmode") || isThisMachine(hostname);
  return isDecided ? {} : { ssl: "require" };
}
