import type { Failure } from "./classify.ts";

/** Dataverse could not be read. `code` is one of the failure classes. */
export class DataverseError extends Error {
  /** The word that {@linkcode safeCode} knows. */
  override readonly name = "DataverseError";
  /** What the answer asks for besides: a wait, or a closed gate. */
  readonly failure: Failure | null;
  /** There was an answer, and it cannot be believed. */
  readonly isUnreadable: boolean;

  /**
   * Names what was asked for and a failure class; nothing of the answer's text.
   *
   * @param operation what was asked for, as in "Cannot read the listings"
   * @param status HTTP status, null when there was no answer
   */
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
