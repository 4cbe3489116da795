import type { Environment } from "../../supabase/functions/_shared/settings.ts";
import { withFile } from "../file_errors.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type Administrator, type OfflineAttempt, withAdministrator } from "./administrator.ts";
import { readJournal } from "./journal.ts";
import { askForSupabase } from "./questions.ts";
import { NOT_IN_STEP } from "./report.ts";
import type { Words } from "./words/english.ts";

/** Writes a journal into the audit log, and says which of its attempts it could not. */
export async function importIntoLog(
  terminal: Terminal,
  environment: Environment,
  path: string,
  words: Words,
): Promise<number> {
  const text = await withFile("unreadable", path, () => Deno.readTextFile(path), words.file);
  const attempts = readJournal(text, words);
  const login = await askForSupabase(terminal, environment, words);
  return await withAdministrator(login, words, async (administrator) => {
    const { imported, unknown, taken } = await importAttempts(attempts, administrator);
    const { journal } = words;
    terminal.say(journal.count(attempts.length));
    terminal.say(journal.written(imported));
    terminal.say(journal.there(attempts.length - unknown.length - taken.length - imported));
    for (const [some, headline] of [[unknown, journal.unknown], [taken, journal.taken]] as const) {
      if (some.length > 0) terminal.say(headline(some.length));
      for (const { mentorId, attemptId } of some) {
        terminal.say(journal.attempt(mentorId, attemptId));
      }
    }
    return unknown.length + taken.length === 0 ? 0 : NOT_IN_STEP;
  });
}

export interface ImportReport {
  /** Rows that the audit log did not have yet. */
  readonly imported: number;
  /** Attempts whose mentors the database does not know: their rows cannot be written. */
  readonly unknown: readonly OfflineAttempt[];
  /** Attempts whose id is that of an attempt that was claimed in the database. */
  readonly taken: readonly OfflineAttempt[];
}

const BATCH = 500;

/** Writes attempts in, once however often it is called. */
export async function importAttempts(
  attempts: readonly OfflineAttempt[],
  administrator: Pick<Administrator, "findObstacles" | "importAttempts">,
): Promise<ImportReport> {
  const unknown: OfflineAttempt[] = [];
  const taken: OfflineAttempt[] = [];
  let imported = 0;
  for (let start = 0; start < attempts.length; start += BATCH) {
    const batch = attempts.slice(start, start + BATCH);
    const obstacles = await administrator.findObstacles(batch);
    unknown.push(...batch.filter(({ attemptId }) => obstacles.get(attemptId) === "unknown_mentor"));
    taken.push(...batch.filter(({ attemptId }) => obstacles.get(attemptId) === "id_is_taken"));
    imported += await administrator.importAttempts(
      batch.filter(({ attemptId }) => !obstacles.has(attemptId)),
    );
  }
  return { imported, unknown, taken };
}
