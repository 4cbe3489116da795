import type { FailureClass } from "./dataverse/classify.ts";

/** Everything this function ever says about itself; nothing else is logged. */
export type LogEvent =
  | "attempt_interrupted"
  | "attempt_not_sent"
  | "audit_insert_failed"
  | "claim_failed"
  | "credentials_rejected"
  | "drain_finished"
  | "force_sync_failed"
  | "gate_failed"
  | "gate_opened"
  | "health_check_failed"
  | "internal_error"
  | "night_finished"
  | "reconciliation_failed"
  | "settings_invalid"
  | "settle_failed"
  | "settle_refused"
  | "token_unavailable"
  | "wait_failed";

/** Fields are numbers, ids made by our own database, and words from closed vocabularies. */
export interface LogEntry {
  readonly level: "error" | "warning" | "info";
  readonly event: LogEvent;
  readonly class?: FailureClass;
  readonly code?: string;
  readonly status?: number;
  readonly attempt_ids?: readonly string[];
  /** Entra's numbers for the operator, <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>. */
  readonly aadsts?: readonly number[];
  readonly attempts?: number;
  readonly succeeded?: number;
  readonly dead_lettered?: number;
  readonly seconds?: number;
  readonly listings?: number;
  readonly unknown?: number;
  readonly drifts?: number;
  readonly problems?: readonly string[];
}

export type Log = (entry: LogEntry) => void;

/** One JSON line: information on stdout, everything else on stderr. */
export const consoleLog: Log = (entry) => {
  const line = JSON.stringify(entry);
  if (entry.level === "info") console.info(line);
  else console.error(line);
};

/** Admits what looks like an SQLSTATE, a PostgREST code or one of our own words. */
export function safeCode(code: unknown): string {
  return typeof code === "string" && /^[0-9A-Za-z_]{1,32}$/.test(code) ? code : "unknown";
}
