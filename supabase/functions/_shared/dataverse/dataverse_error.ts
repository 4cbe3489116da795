import type { Failure } from "./classify.ts";

/** The listings could not be read from Dataverse. `code` is one of the failure classes. */
export class DataverseError extends Error {
  /** The word that {@linkcode safeCode} knows. */
  override readonly name = "DataverseError";
  /** What the answer asks for besides: a wait, or a closed gate. */
  readonly failure: Failure | null;
  /** There was an answer, and it cannot be believed. */
  readonly isUnreadable: boolean;

  /**
   * Names a failure class; nothing of the answer's text.
   *
   * @param status HTTP status, null when there was no answer
   */
  constructor(
    readonly code: string,
    readonly status: number | null,
    options: ErrorOptions & { failure?: Failure; isUnreadable?: boolean } = {},
  ) {
    super(`Cannot read the listings: ${code} (HTTP ${status ?? "none"})`, options);
    this.failure = options.failure ?? null;
    this.isUnreadable = options.isUnreadable ?? false;
  }
}
