import { type Known, type Names, visibleName } from "./names.ts";
import type { Operation, SyncState } from "./rows.ts";

/** `stuck`: attempts ran out, a person has to act. `waiting`: it goes on by itself. */
export type Standing = "stuck" | "waiting" | "in_sync";

/** In the order of how much they want a person's attention. */
export const STANDINGS = ["stuck", "waiting", "in_sync"] as const satisfies Standing[];

/** A mentor as the page shows it. */
export interface ListedMentor {
  readonly id: string;
  readonly known: Known;
  readonly state: SyncState;
  readonly standing: Standing;
}

/** The same rule as `standing` of the view `hlf_sync_mentor_status`. */
export function standingOf(state: SyncState): Standing {
  if (state.dead_lettered_at !== null) return "stuck";
  if (state.due_at !== null || state.in_flight_attempt_id !== null) return "waiting";
  return state.wanted_operation === state.confirmed_operation ? "in_sync" : "waiting";
}

/**
 * Whether the website may show somebody whom it must not: the one thing that hurts people. An earlier
 * confirmation is no proof while another removal is wanted: the night may have found the listing published.
 */
export function isStillShown(state: SyncState): boolean {
  return state.wanted_operation === "remove" && standingOf(state) !== "in_sync";
}

/** Those who may still be shown before all else, stuck before waiting, removals before restores, then by name. */
export function listMentors(states: Iterable<SyncState>, names: Names): ListedMentor[] {
  const listed: ListedMentor[] = [];
  for (const state of states) {
    const { mentor_id: id } = state;
    listed.push({ id, known: names.known(id), state, standing: standingOf(state) });
  }
  return listed.sort(byNeed);
}

const collator = new Intl.Collator("nb");
const OPERATION_ORDER: Record<Operation, number> = { remove: 0, restore: 1 };

function byNeed(a: ListedMentor, b: ListedMentor): number {
  const shown = Number(isStillShown(b.state)) - Number(isStillShown(a.state));
  if (shown !== 0) return shown;
  const standing = STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing);
  if (standing !== 0) return standing;
  if (a.standing !== "in_sync") {
    const operation = OPERATION_ORDER[a.state.wanted_operation] -
      OPERATION_ORDER[b.state.wanted_operation];
    if (operation !== 0) return operation;
  }
  return collator.compare(sortedAs(a.known), sortedAs(b.known)) || (a.id < b.id ? -1 : 1);
}

function sortedAs(known: Known): string {
  return typeof known === "string" ? "" : visibleName(known.full_name);
}

export function countStandings(mentors: readonly ListedMentor[]): Record<Standing, number> {
  const counts: Record<Standing, number> = { stuck: 0, waiting: 0, in_sync: 0 };
  for (const { standing } of mentors) counts[standing]++;
  return counts;
}
