import { type ErrorClass, parseError } from "./explain.ts";
import type { ListedMentor } from "./standing.ts";

/** Mentors who are stuck for the same reason. */
export interface Cause {
  /** An error class, or what stands for several. */
  readonly key: string;
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
  const causes = new Map<string, ListedMentor[]>();
  for (const listed of stuck) {
    const found = parseError(listed.state.last_error)?.class;
    const key = found === undefined ? "unknown" : NO_CONTACT.includes(found) ? "no_contact" : found;
    const mentors = causes.get(key);
    if (mentors === undefined) causes.set(key, [listed]);
    else mentors.push(listed);
  }
  return [...causes].map(([key, mentors]) => ({ key, mentors }))
    .sort((a, b) => b.mentors.length - a.mentors.length);
}
