import { type ErrorClass, parseError } from "./explain.ts";
import type { ListedMentor } from "./standing.ts";

/** Mentors who are stuck for the same reason. */
export interface Cause {
  readonly key: string;
  /** Null for what nobody has a word for. */
  readonly class: ErrorClass | null;
  readonly mentors: readonly ListedMentor[];
}

/** The ways of getting no useful answer, which a coordinator need not tell apart. */
const NO_CONTACT: readonly ErrorClass[] = [
  "unavailable",
  "timeout",
  "network",
  "server_error",
  "invalid_response",
  "interrupted",
];

/** Groups mentors by what stopped them, most first. */
export function causesOf(stuck: readonly ListedMentor[]): Cause[] {
  const causes = new Map<string, { class: ErrorClass | null; mentors: ListedMentor[] }>();
  for (const listed of stuck) {
    const found = parseError(listed.state.last_error)?.class ?? null;
    const key = found === null ? "unknown" : NO_CONTACT.includes(found) ? "no_contact" : found;
    const cause = causes.get(key) ?? { class: found, mentors: [] };
    cause.mentors.push(listed);
    causes.set(key, cause);
  }
  return [...causes].map(([key, cause]) => ({ key, ...cause }))
    .sort((a, b) => b.mentors.length - a.mentors.length);
}
