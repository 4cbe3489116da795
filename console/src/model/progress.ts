import type { SyncState } from "./rows.ts";
import { standingOf } from "./standing.ts";

/** How far a mentor is with the sync that a coordinator has asked for. */
export type Step =
  | { readonly kind: "working" }
  | { readonly kind: "confirmed" }
  | {
    readonly kind: "retrying";
    readonly error: string | null;
    readonly nextAttemptAt: string | null;
  }
  | { readonly kind: "stuck"; readonly error: string | null };

/**
 * Reads a mentor's step from the state, without waiting for an answer of its own: whoever syncs, the
 * state tells.
 *
 * @param generationBefore the generation at the time of asking; a request makes a newer one
 */
export function stepOf(state: SyncState, generationBefore: number): Step {
  if (state.generation <= generationBefore) {
    // Somebody else was faster: nothing newer was asked for.
    return { kind: standingOf(state) === "in_sync" ? "confirmed" : "working" };
  }
  if ((state.confirmed_generation ?? 0) > generationBefore && state.due_at === null) {
    return { kind: "confirmed" };
  }
  if (state.dead_lettered_at !== null) return { kind: "stuck", error: state.last_error };
  if (state.attempts > 0 && state.in_flight_attempt_id === null && state.due_at !== null) {
    return { kind: "retrying", error: state.last_error, nextAttemptAt: state.due_at };
  }
  return { kind: "working" };
}
