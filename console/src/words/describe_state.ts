import { parseTimestamp } from "../moment.ts";
import type { Gate, SyncState } from "../rows.ts";
import type { Standing } from "../standing.ts";
import { describeMoment, describeTimestamp, explainError } from "./describe.ts";
import type { Words } from "./words.ts";

/** What Dynamics last confirmed, and when. */
export function describeConfirmed(state: SyncState, now: Date, words: Words): string {
  const { confirmed_operation, confirmed_at } = state;
  if (confirmed_operation === null) return words.confirmed.none;
  return words.mentors.confirmedSince(
    words.confirmed[confirmed_operation],
    describeTimestamp(confirmed_at, now, words),
  );
}

export interface Circumstances {
  readonly now: Date;
  readonly words: Words;
  /** Nothing of this organisation is sent. */
  readonly isHeld: boolean;
  readonly gate: Gate | null | undefined;
}

/** What happens next, and why it has not yet; null for whoever is in step. */
export function describeNext(
  state: SyncState,
  standing: Standing,
  { now, words, isHeld, gate }: Circumstances,
): string | null {
  if (standing === "in_step") return null;
  const why = state.last_error === null || state.attempts === 0
    ? ""
    : ` · ${explainError(state.last_error, words).title}`;
  if (standing === "stuck") {
    const since = describeTimestamp(state.dead_lettered_at, now, words);
    return words.mentors.stuckSince(since) + why;
  }
  if (state.in_flight_attempt_id !== null) return words.mentors.attemptNow;
  const due = parseTimestamp(state.due_at);
  if (isHeld || isClosed(gate, now)) return words.mentors.held + why;
  if (due === null || due <= now) return words.mentors.attemptSoon + why;
  return words.mentors.nextAttempt(describeMoment(due, now, words)) + why;
}

/** What went wrong last and what to do about it; null where nothing did. */
export function describeTrouble(
  state: SyncState,
  standing: Standing,
  words: Words,
): { meaning: string; todo: string } | null {
  if (standing === "in_step" || state.last_error === null || state.attempts === 0) return null;
  const { title, meaning, whileRetried, onceStuck } = explainError(state.last_error, words);
  return {
    meaning: `${title}. ${meaning}`,
    todo: standing === "stuck" ? onceStuck : whileRetried,
  };
}

/** Whether Dynamics or its credentials hold everything back. */
export function isClosed(gate: Gate | null | undefined, now: Date): boolean {
  if (gate === null || gate === undefined || gate.reason === null) return false;
  if (gate.closed_until === "infinity") return true;
  const until = parseTimestamp(gate.closed_until);
  return until !== null && until > now;
}
