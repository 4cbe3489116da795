import { parseTimestamp } from "./moment.ts";
import type { Gate, Organisation, SyncState } from "./rows.ts";
import { isStillShown, type ListedMentor, type Standing, standingOf } from "./standing.ts";

/**
 * Why nothing is sent by itself. `unknown`: whether it is was not to be read; `stalled`: the database has found that what
 * sends does not come to it. So nothing is promised.
 */
export type Hold =
  | { readonly kind: "disabled" | "credentials" | "settings" | "closed" | "unknown" | "stalled" }
  | { readonly kind: "throttled"; readonly until: Date };

/** How far a mentor's listing is, and whose turn it is. */
export type Progress = "confirmed" | "on_its_way" | "held" | "needs_you";

/** The one truth of the page: headline, tiles, rows and title read it, and nothing else. */
export interface Outlook {
  readonly hold: Hold | null;
  readonly total: number;
  readonly counts: Readonly<Record<Progress, number>>;
  /** Those among them who must be hidden and may still be shown: the one thing that hurts people. */
  readonly stillShown: Readonly<Record<Progress, number>>;
  /** Removals that are confirmed, but that the public page may not show yet. */
  readonly fading: { readonly count: number; readonly until: Date } | null;
  /** `yes`: the website is right. `soon`: it becomes so by itself. `no`: a person has to see to it. */
  readonly answer: "nobody" | "yes" | "soon" | "no";
  /** How many a person should know of: the number in the title of the page. */
  readonly attention: number;
}

/** What decides for everybody whether anything is sent; null for what was not read. */
export interface Sending {
  readonly gate: Gate | null;
  readonly alerts: readonly { readonly kind: string }[] | null;
}

/** The database cannot call the function, or a scheduled job is missing. */
const STALLING = ["cannot_call", "jobs_stopped"];

/** What the coordinator of an organisation can count on, now. */
export function outlookOf(
  mentors: readonly ListedMentor[],
  { gate, alerts }: Sending,
  organisation: Pick<Organisation, "is_enabled">,
  now: Date,
  lagMinutes: number,
): Outlook {
  const hold = holdOf({ gate, alerts }, organisation, now);
  const counts = { confirmed: 0, on_its_way: 0, held: 0, needs_you: 0 };
  const stillShown = { ...counts };
  let fading = null as Outlook["fading"];
  for (const { state, standing } of mentors) {
    const progress = progressOf(standing, hold);
    counts[progress]++;
    if (isStillShown(state)) stillShown[progress]++;
    const until = fadesUntil(state, now, lagMinutes);
    if (until === null) continue;
    fading = {
      count: (fading?.count ?? 0) + 1,
      until: fading === null || fading.until < until ? until : fading.until,
    };
  }
  // What Dynamics has put off goes on by itself at a known time; nothing else that holds does.
  const isForAPerson = counts.needs_you > 0 || (counts.held > 0 && hold?.kind !== "throttled");
  const isOver = counts.confirmed === mentors.length && fading === null;
  return {
    hold,
    total: mentors.length,
    counts,
    stillShown,
    fading,
    answer: mentors.length === 0 ? "nobody" : isForAPerson ? "no" : isOver ? "yes" : "soon",
    attention: counts.needs_you + (hold?.kind === "throttled" ? stillShown.held : counts.held),
  };
}

export function progressOf(standing: Standing, hold: Hold | null): Progress {
  switch (standing) {
    case "in_sync":
      return "confirmed";
    case "waiting":
      return hold === null ? "on_its_way" : "held";
    case "stuck":
      return "needs_you";
  }
}

/** What keeps everything of an organisation from being sent, the longest lasting first. */
export function holdOf(
  { gate, alerts }: Sending,
  organisation: Pick<Organisation, "is_enabled">,
  now: Date,
): Hold | null {
  if (!organisation.is_enabled) return { kind: "disabled" };
  if (gate === null) return { kind: "unknown" };
  const until = gate.closed_until === "infinity" ? null : parseTimestamp(gate.closed_until);
  const isClosed = gate.closed_until === "infinity" || (until !== null && until > now);
  if (!isClosed) {
    return alerts?.some(({ kind }) => STALLING.includes(kind)) ? { kind: "stalled" } : null;
  }
  if (gate.reason === "credentials" || gate.reason === "settings") return { kind: gate.reason };
  return until === null ? { kind: "closed" } : { kind: "throttled", until };
}

/** Until when the public page may show somebody whose removal is confirmed; null for everybody else. */
export function fadesUntil(state: SyncState, now: Date, lagMinutes: number): Date | null {
  return state.wanted_operation === "remove" && standingOf(state) === "in_sync"
    ? followsUntil(state, now, lagMinutes)
    : null;
}

/** Until when the public page may lag behind what was confirmed last; null once it has followed. */
export function followsUntil(state: SyncState, now: Date, lagMinutes: number): Date | null {
  const confirmedAt = parseTimestamp(state.confirmed_at);
  if (confirmedAt === null) return null;
  const until = new Date(confirmedAt.getTime() + lagMinutes * 60_000);
  return until > now ? until : null;
}
