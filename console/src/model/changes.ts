import type { Attempt, Operation } from "./rows.ts";

/** The attempts of one change, newest first. */
export interface Change {
  readonly operation: Operation;
  readonly attempts: readonly Attempt[];
  /** Whether nothing more comes of it by itself. */
  readonly isOver: boolean;
}

/**
 * Puts the attempts of one mentor together to the changes that they were made for. `retry_count` says how
 * many came before, so a first attempt begins a change, as does one for something else. One that was made ahead of its
 * time, in vain, has the number of the one after it.
 *
 * @param attempts newest first
 */
export function groupChanges(attempts: readonly Attempt[]): Change[] {
  const changes: Attempt[][] = [];
  let next: Attempt | null = null;
  for (const attempt of attempts) {
    const isSame = next !== null && attempt.operation === next.operation &&
      attempt.triggered_by_event === next.triggered_by_event && attempt.outcome === "failure" &&
      next.retry_count > 0 && attempt.retry_count <= next.retry_count;
    if (isSame) changes.at(-1)?.push(attempt);
    else changes.push([attempt]);
    next = attempt;
  }
  return changes.map((attempts) => ({
    operation: attempts[0]?.operation ?? "remove",
    attempts,
    isOver: attempts[0]?.outcome !== "failure",
  }));
}
