import * as v from "valibot";
import type { Database } from "../../../supabase/functions/_shared/database.types.ts";

type Tables = Database["public"]["Tables"];

export type Operation = Database["public"]["Enums"]["hlf_sync_operation"];
export type Outcome = Database["public"]["Enums"]["hlf_sync_outcome"];

/** In the order in which outcomes are drawn and listed. */
export const OUTCOMES = ["success", "failure", "dead_lettered"] as const satisfies Outcome[];

const operation = v.picklist(["remove", "restore"]);
const timestamp = v.nullable(v.string());

export const syncState = v.object({
  mentor_id: v.string(),
  wanted_operation: operation,
  generation: v.number(),
  triggered_by_event: v.string(),
  due_at: timestamp,
  attempts: v.number(),
  in_flight_attempt_id: v.nullable(v.string()),
  confirmed_operation: v.nullable(operation),
  confirmed_generation: v.nullable(v.number()),
  confirmed_at: timestamp,
  dead_lettered_at: timestamp,
  last_error: v.nullable(v.string()),
  updated_at: v.string(),
});

export const mentor = v.object({
  id: v.string(),
  full_name: v.string(),
  // A host app may have more of them than this project knows.
  status: v.string(),
  certification_expiry_date: v.nullable(v.string()),
});

/** What is wanted of Dynamics for one mentor, and how far it is. */
export type SyncState = v.InferOutput<typeof syncState>;
export type Mentor = v.InferOutput<typeof mentor>;

/** One row of the log. */
export type Attempt = Omit<Tables["hlf_sync_audit_log"]["Row"], "organisation_id">;

export type Gate = Pick<Tables["hlf_sync_gate"]["Row"], "closed_until" | "reason">;

/** An organisation that the signed-in user coordinates. */
export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly is_enabled: boolean;
}
