import { parseTimestamp } from "../model/moment.ts";
import { fadesUntil, followsUntil, type Hold, type Outlook } from "../model/outlook.ts";
import type { SyncState } from "../model/rows.ts";
import type { Standing } from "../model/standing.ts";
import { describeMoment, describeTimeOf, describeTimestamp, explainError } from "./describe.ts";
import type { ErrorWords } from "./nb_errors.ts";
import type { Words } from "./words.ts";

/** The headline: whether the website is right and, unless it is, what is not and what comes of it. */
export function describeOutlook(outlook: Outlook, now: Date, words: Words): string[] {
  const { overview } = words;
  const { answer, counts, stillShown, fading } = outlook;
  if (answer === "nobody") return [overview.nobody];
  const said: string[] = [];
  for (const progress of ["needs_you", "held", "on_its_way"] as const) {
    if (stillShown[progress] > 0) said.push(overview.stillShown[progress](stillShown[progress]));
  }
  for (const progress of ["needs_you", "held", "on_its_way"] as const) {
    const others = counts[progress] - stillShown[progress];
    if (others > 0) said.push(overview.others[progress](others));
  }
  if (fading !== null) {
    said.push(overview.fading(fading.count, describeTimeOf(fading.until, now, words)));
  }
  // Of what has stalled it is not known that it concerns the next change.
  if (outlook.hold !== null && outlook.hold.kind !== "stalled" && counts.held === 0) {
    said.push(overview.noNews);
  }
  return [answer === "yes" ? overview.yes(outlook.total) : overview[answer], ...said];
}

/** Why nothing can be sent. */
export function describeHold(hold: Hold, organisation: string, now: Date, words: Words): string {
  const until = hold.kind === "throttled" ? describeMoment(hold.until, now, words) : "";
  return words.overview.holds[hold.kind](organisation, until);
}

/** What Dynamics last confirmed, and when. */
export function describeConfirmed(state: SyncState, now: Date, words: Words): string {
  const { confirmed_operation, confirmed_at } = state;
  if (confirmed_operation === null) return words.confirmed.none;
  return words.mentors.confirmedSince(
    words.confirmed[confirmed_operation],
    describeTimestamp(confirmed_at, now, words),
  );
}

/** What else decides what is true of a mentor. */
export interface Circumstances {
  readonly now: Date;
  readonly words: Words;
  readonly hold: Hold | null;
  /** How long the public page may lag behind what is confirmed. */
  readonly lagMinutes: number;
}

/** What happens next, and why it has not yet; null once the public page has followed, too. */
export function describeNext(
  state: SyncState,
  standing: Standing,
  { now, words, hold, lagMinutes }: Circumstances,
): string | null {
  if (standing === "in_sync") {
    const until = followsUntil(state, now, lagMinutes);
    if (until === null) return null;
    const at = describeTimeOf(until, now, words);
    return fadesUntil(state, now, lagMinutes) === null
      ? words.mentors.follows(at)
      : words.mentors.fades(at);
  }
  const why = state.last_error === null || state.attempts === 0
    ? ""
    : ` · ${explainError(state.last_error, words).title}`;
  if (standing === "stuck") {
    const since = describeTimestamp(state.dead_lettered_at, now, words);
    return words.mentors.stuckSince(since) + why;
  }
  if (hold?.kind === "throttled") {
    return words.mentors.heldUntil(describeTimeOf(hold.until, now, words)) + why;
  }
  if (hold !== null) return words.mentors.held + why;
  if (state.in_flight_attempt_id !== null) return words.mentors.attemptNow;
  const due = parseTimestamp(state.due_at);
  if (due === null || due <= now) return words.mentors.attemptSoon + why;
  return words.mentors.nextAttempt(describeMoment(due, now, words)) + why;
}

interface Trouble {
  readonly meaning: string;
  readonly todo: string;
  /** Whether somebody else has to put it right. */
  readonly isForSupport: boolean;
}

/**
 * What went wrong last and what to do about it; null where nothing did. While nothing can be sent, no
 * word of what is tried again, or would help if it were sent, is true.
 */
export function describeTrouble(
  state: SyncState,
  standing: Standing,
  hold: Hold | null,
  words: Words,
): Trouble | null {
  if (standing === "in_sync" || state.last_error === null || state.attempts === 0) return null;
  const explained = explainError(state.last_error, words);
  return {
    meaning: `${explained.title}. ${explained.meaning}`,
    todo: whatToDo(explained, standing, hold, words),
    isForSupport: !explained.isForHlf && (standing === "stuck" || hold !== null),
  };
}

function whatToDo(
  { whileRetried, onceStuck }: ErrorWords,
  standing: Standing,
  hold: Hold | null,
  words: Words,
): string {
  if (hold === null) return standing === "stuck" ? onceStuck : whileRetried;
  return standing === "stuck" ? words.mentors.todoStuckAndHeld : words.mentors.todoHeld;
}
