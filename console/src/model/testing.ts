import type { Attempt, SyncState } from "./rows.ts";

/** An in-sync state with the given overrides. */
export function stateOf(given: Partial<SyncState> = {}): SyncState {
  return {
    mentor_id: "00000000-0000-4000-8000-0000000000a1",
    wanted_operation: "restore",
    generation: 1,
    triggered_by_event: "status_change:active",
    due_at: null,
    attempts: 0,
    in_flight_attempt_id: null,
    confirmed_operation: "restore",
    confirmed_generation: 1,
    confirmed_at: "2026-11-22T12:00:00+00:00",
    dead_lettered_at: null,
    last_error: null,
    updated_at: "2026-11-22T12:00:00+00:00",
    ...given,
  };
}

/** A successful attempt, except what is given. */
export function attemptOf(given: Partial<Attempt> = {}): Attempt {
  return {
    id: "01a20664-0201-776f-bb45-14ea56a35836",
    mentor_id: "00000000-0000-4000-8000-0000000000a1",
    operation: "restore",
    dynamics_response_code: 204,
    retry_count: 0,
    outcome: "success",
    error_message: null,
    triggered_by_event: "status_change:active",
    created_at: "2026-11-22T12:00:00+00:00",
    ...given,
  };
}
