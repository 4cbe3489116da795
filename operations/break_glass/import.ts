import type { Administrator, OfflineAttempt } from "./administrator.ts";

export interface ImportReport {
  /** Rows that the audit log did not have yet. */
  readonly imported: number;
  /** Attempts whose mentors the database does not know: their rows cannot be written. */
  readonly unknown: readonly OfflineAttempt[];
}

const BATCH = 500;

/** Writes attempts in, once however often it is called. */
export async function importAttempts(
  attempts: readonly OfflineAttempt[],
  administrator: Pick<Administrator, "wanted" | "importAttempts">,
): Promise<ImportReport> {
  const known = new Set<string>();
  for await (const page of administrator.wanted()) {
    for (const { mentorId } of page) known.add(mentorId);
  }
  const writable = attempts.filter(({ mentorId }) => known.has(mentorId));
  let imported = 0;
  for (let start = 0; start < writable.length; start += BATCH) {
    imported += await administrator.importAttempts(writable.slice(start, start + BATCH));
  }
  return { imported, unknown: attempts.filter(({ mentorId }) => !known.has(mentorId)) };
}
