import type { RejectionCause } from "./aadsts.ts";
import { ERROR_CLASSES, type FailureClass } from "./failure_classes.ts";

/** Everything this function ever says about itself; nothing else is logged. */
export type LogEvent =
  | "attempt_interrupted"
  | "attempt_not_sent"
  | "audit_insert_failed"
  | "claim_failed"
  | "credentials_rejected"
  | "drain_finished"
  | "foreign_project"
  | "gate_failed"
  | "gate_opened"
  | "health_check_failed"
  | "internal_error"
  | "manual_action_failed"
  | "night_finished"
  | "reading_implausible"
  | "reconciliation_failed"
  | "settings_invalid"
  | "settle_failed"
  | "lease_lost"
  | "token_unavailable";

/** Fields are numbers, ids made by our own database, and words from closed vocabularies. */
export interface LogEntry {
  /** `error` needs a person if it lasts; a `warning` does not. */
  readonly level: "error" | "warning" | "info";
  /** What happened. */
  readonly event: LogEvent;
  /** What Dynamics or Entra answered. */
  readonly class?: FailureClass;
  /** An SQLSTATE, a code of PostgREST, or the name of an error: what {@linkcode safeCode} lets through. */
  readonly code?: string;
  /** HTTP status of the database; 0 without an answer. */
  readonly status?: number;
  /** Ids of the audit rows in question. */
  readonly attempt_ids?: readonly string[];
  /** Entra's numbers for the operator, <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>. */
  readonly aadsts?: readonly number[];
  /** What those numbers mean: the setting to look at. */
  readonly cause?: RejectionCause;
  /** How many a drain made. */
  readonly attempts?: number;
  /** How many of them succeeded. */
  readonly succeeded?: number;
  /** How many of them were the last. */
  readonly dead_lettered?: number;
  /** How long it took. */
  readonly seconds?: number;
  /** How many listings a night read. */
  readonly listings?: number;
  /** How many published ones belong to no mentor. */
  readonly unknown?: number;
  /** How many published ones have a key that no update can name. */
  readonly unaddressable?: number;
  /** How many differed from what the app wants. */
  readonly drifts?: number;
  /** What is wrong with the settings, without their values. */
  readonly problems?: readonly string[];
}

/** Takes one line for the operator. */
export type Log = (entry: LogEntry) => void;

/** One JSON line: information on stdout, everything else on stderr. */
export const consoleLog: Log = (entry) => {
  const line = JSON.stringify(entry);
  if (entry.level === "info") console.info(line);
  else console.error(line);
};

/**
 * SQLSTATEs by their classes, and PostgREST's codes: no name in capitals has these beginnings, no phone number this length.
 * <https://www.postgresql.org/docs/current/errcodes-appendix.html>
 * <https://docs.postgrest.org/en/v13/references/errors.html#postgrest-error-codes>
 */
const OUTSIDE_CODE =
  /^(?:[0-57][0-9A-Z]{4}|(?:F0|HV|P0|XX)[0-9A-Z]{3}|PT[0-9]{3}|PGRST[0-9X][0-9]{2})$/;

/** The failure classes, and the names that errors of this code and of the runtime have. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  ...ERROR_CLASSES,
  ...["Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "URIError"],
  ...["AbortError", "TimeoutError", "AggregateError", "BadResource", "Interrupted"],
  ...["DatabaseError", "DataverseError", "SettingsError", "ZodError"],
]);

/** Admits what cannot be anything else than a code or a word of a closed list; everything else is `unknown`. */
export function safeCode(code: unknown): string {
  return typeof code === "string" && (OUTSIDE_CODE.test(code) || OWN_WORDS.has(code))
    ? code
    : "unknown";
}
