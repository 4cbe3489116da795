import type { Failure } from "./dataverse/classify.ts";

/** The environment does not describe a function that can run. `problems` names every fault. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly code = "settings_invalid";
  readonly status = 500;

  constructor(readonly problems: readonly string[]) {
    super(`Cannot read the settings: ${problems.join("; ")}`);
  }
}

/** A call to the database over REST did not succeed. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";

  /**
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

/** Dataverse could not be read. `code` is one of the failure classes. */
export class DataverseError extends Error {
  override readonly name = "DataverseError";
  /** What the answer asks for besides: a wait, or a closed gate. */
  readonly failure: Failure | null;
  /** There was an answer, and it cannot be believed. */
  readonly isUnreadable: boolean;

  constructor(
    readonly operation: string,
    readonly code: string,
    readonly status: number | null,
    options: ErrorOptions & { failure?: Failure; isUnreadable?: boolean } = {},
  ) {
    super(`Cannot ${operation}: ${code} (HTTP ${status ?? "none"})`, options);
    this.failure = options.failure ?? null;
    this.isUnreadable = options.isUnreadable ?? false;
  }
}

/** The loggable part of a fault. */
export function describe(error: unknown): { code: string; status?: number } {
  if (error instanceof DatabaseError) return { code: error.code, status: error.status };
  return { code: "unknown" };
}
