import type { Database } from "../../../supabase/functions/_shared/database.types.ts";

type Tables = Database["public"]["Tables"];

export type Operation = Database["public"]["Enums"]["hlf_sync_operation"];
export type Outcome = Database["public"]["Enums"]["hlf_sync_outcome"];
type MentorStatus = Database["public"]["Enums"]["mentor_status"];

/** In the order in which outcomes are drawn and listed. */
export const OUTCOMES = ["success", "failure", "dead_lettered"] as const satisfies Outcome[];

/** What is wanted of Dynamics for one mentor, and how far it is. */
export type SyncState = Pick<
  Tables["hlf_sync_state"]["Row"],
  | "mentor_id"
  | "wanted_operation"
  | "generation"
  | "triggered_by_event"
  | "due_at"
  | "attempts"
  | "in_flight_attempt_id"
  | "confirmed_operation"
  | "confirmed_generation"
  | "confirmed_at"
  | "dead_lettered_at"
  | "last_error"
  | "updated_at"
>;

/** A status is the host app's, which may have more of them than this project knows. */
export type Mentor =
  & { id: string; full_name: string; certification_expiry_date: string | null }
  & { readonly status: string };

/** One row of the log. */
export type Attempt = Omit<Tables["hlf_sync_audit_log"]["Row"], "organisation_id">;

export type Gate = Pick<Tables["hlf_sync_gate"]["Row"], "closed_until" | "reason">;

/** An organisation that the signed-in user coordinates. */
export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly is_enabled: boolean;
}
