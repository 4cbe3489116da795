import type { Mentor, Operation, SyncState } from "./rows.ts";

/** `stuck`: attempts ran out, a person has to act. `waiting`: it goes on by itself. */
export type Standing = "stuck" | "waiting" | "in_step";

/** In the order of how much they want a person's attention. */
export const STANDINGS = ["stuck", "waiting", "in_step"] as const satisfies Standing[];

/** A mentor as the page shows it. */
export interface ListedMentor {
  readonly id: string;
  /** Null for a mentor that the app has deleted. */
  readonly mentor: Mentor | null;
  readonly state: SyncState;
  readonly standing: Standing;
}

/** The same rule as `standing` of the view `hlf_sync_mentor_status`. */
export function standingOf(state: SyncState): Standing {
  if (state.dead_lettered_at !== null) return "stuck";
  if (state.due_at !== null || state.in_flight_attempt_id !== null) return "waiting";
  return state.wanted_operation === state.confirmed_operation ? "in_step" : "waiting";
}

/** Whether the website may still show somebody whom it must not: the one thing that hurts people. */
export function isStillShown(state: SyncState): boolean {
  return state.wanted_operation === "remove" && state.confirmed_operation !== "remove";
}

/** Stuck before waiting, removals before all else, then by name. Deleted mentors show until they are in step. */
export function listMentors(
  states: Iterable<SyncState>,
  mentors: ReadonlyMap<string, Mentor>,
): ListedMentor[] {
  const listed: ListedMentor[] = [];
  for (const state of states) {
    const mentor = mentors.get(state.mentor_id) ?? null;
    const standing = standingOf(state);
    if (mentor === null && standing === "in_step") continue;
    listed.push({ id: state.mentor_id, mentor, state, standing });
  }
  return listed.sort(byNeed);
}

const collator = new Intl.Collator("nb");
const OPERATION_ORDER: Record<Operation, number> = { remove: 0, restore: 1 };

function byNeed(a: ListedMentor, b: ListedMentor): number {
  const standing = STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing);
  if (standing !== 0) return standing;
  if (a.standing !== "in_step") {
    const operation = OPERATION_ORDER[a.state.wanted_operation] -
      OPERATION_ORDER[b.state.wanted_operation];
    if (operation !== 0) return operation;
  }
  return collator.compare(a.mentor?.full_name ?? "", b.mentor?.full_name ?? "") ||
    (a.id < b.id ? -1 : 1);
}

export function countStandings(mentors: readonly ListedMentor[]): Record<Standing, number> {
  const counts: Record<Standing, number> = { stuck: 0, waiting: 0, in_step: 0 };
  for (const { standing } of mentors) counts[standing]++;
  return counts;
}
