/** A database error as its driver throws it. */
interface SqlError {
  readonly code: string;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
}

/** Reads an error that carries an SQLSTATE; null for any other. */
export function readSqlError(error: unknown): SqlError | null {
  if (!(error instanceof Error)) return null;
  const { code, detail, hint } = error as { code?: unknown; detail?: unknown; hint?: unknown };
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return null;
  return {
    code,
    message: error.message,
    detail: typeof detail === "string" ? detail : null,
    hint: typeof hint === "string" ? hint : null,
  };
}

/** First match counts; an SQLSTATE that is not listed is a 400. */
const STATUS_BY_PREFIX: readonly (readonly [string, number])[] = [
  ["08", 503],
  ["09", 500],
  ["0L", 403],
  ["0P", 403],
  ["23503", 409],
  ["23505", 409],
  ["25006", 405],
  ["25", 500],
  ["28", 403],
  ["2D", 500],
  ["38", 500],
  ["39", 500],
  ["3B", 500],
  ["40", 500],
  ["53400", 500],
  ["53", 503],
  ["54", 500],
  ["55", 500],
  ["57", 500],
  ["58", 500],
  ["F0", 500],
  ["HV", 500],
  ["P0001", 400],
  ["P0", 500],
  ["XX", 500],
];

/**
 * The HTTP status that PostgREST gives an SQLSTATE.
 * <https://docs.postgrest.org/en/v13/references/errors.html#http-status-codes>
 */
export function statusOfSqlState(code: string): number {
  return STATUS_BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 400;
}

/**
 * Makes `@supabase/lite` answer a database error as PostgREST does. On its own it knows the classes 21, 22 and 42 and a
 * few codes more; a CHECK violation or a `raise exception` it answers with 500 and code `SUP`. A `PGRST` error is
 * PostgREST's way for a function to choose its own answer, and lite follows it, so an error it does not know is
 * handed to it in that form. What lite prints of the error then no longer holds a row's contents.
 * <https://docs.postgrest.org/en/v13/references/errors.html#raise-errors-with-http-status-codes>
 */
export function asRestError(error: unknown): unknown {
  const found = readSqlError(error);
  if (found === null) return error;
  if (/^(21|22|42|PT)/.test(found.code) || found.code === "PGRST") {
    return quiet(found.code, found.message, found.detail, found.hint);
  }
  const { code, message, detail: details, hint } = found;
  return quiet(
    "PGRST",
    JSON.stringify({ code, message, details, hint }),
    JSON.stringify({ status: statusOfSqlState(code), headers: {} }),
    null,
    code,
  );
}

function quiet(
  code: string,
  message: string,
  detail: string | null,
  hint: string | null,
  shown = code,
): unknown {
  return {
    code,
    message,
    detail,
    hint,
    [Symbol.for("Deno.customInspect")]: () => `REST request refused by the database: ${shown}`,
  };
}
