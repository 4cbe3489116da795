/** The environment does not describe a function that can run. `problems` names every fault. */
export class SettingsError extends Error {
  /** The word that {@linkcode safeCode} knows. */
  override readonly name = "SettingsError";

  /** The word in the log. */
  readonly code = "settings_invalid";
  /** HTTP status of a function that cannot start. */
  readonly status = 500;

  /**
   * Ends the start of the function.
   *
   * @param problems a sentence each, which begins with the name of the setting and quotes no value
   */
  constructor(readonly problems: readonly string[]) {
    super(`Cannot read the settings: ${problems.join("; ")}`);
  }
}

/** A call to the database over REST did not succeed. */
export class DatabaseError extends Error {
  /** The word that {@linkcode safeCode} knows. */
  override readonly name = "DatabaseError";

  /**
   * Names the call and a code; what the server said may quote values, and is left behind.
   *
   * @param operation what was called: a function or a table of the schema
   * @param code SQLSTATE or PostgREST code, `network`, `invalid_answer` or `unknown`
   * @param status HTTP status, 0 when there was no answer
   */
  constructor(
    readonly operation: string,
    readonly code: string,
    readonly status: number,
    options?: ErrorOptions,
  ) {
    super(`Cannot call ${operation}: ${code} (HTTP ${status})`, options);
  }
}

/** The loggable part of a fault. */
export function describe(error: unknown): { code: string; status?: number } {
  if (error instanceof DatabaseError) return { code: error.code, status: error.status };
  return { code: "unknown" };
}
