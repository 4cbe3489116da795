import type { Environment } from "../../supabase/functions/_shared/settings.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { withAdministrator } from "./connect.ts";
import { importAttempts } from "./import.ts";
import { readJournal } from "./journal.ts";
import { askForSupabase } from "./questions.ts";
import { readFile } from "./read_file.ts";
import { NOT_IN_STEP } from "./run_report.ts";

/**
 * Writes a journal into the audit log.
 *
 * @returns the exit code
 */
export async function importIntoLog(
  terminal: Terminal,
  environment: Environment,
  path: string,
): Promise<number> {
  const attempts = readJournal(await readFile(path));
  const login = await askForSupabase(terminal, environment);
  return await withAdministrator(login, async (administrator) => {
    const { imported, unknown } = await importAttempts(attempts, administrator);
    terminal.say(`Attempts in the journal: ${attempts.length}`);
    terminal.say(`Written into the audit log: ${imported}`);
    terminal.say(`There already: ${attempts.length - unknown.length - imported}`);
    if (unknown.length === 0) return 0;
    terminal.say(`Of mentors that the database does not know, not written: ${unknown.length}`);
    for (const { mentorId, attemptId } of unknown) {
      terminal.say(`  ${mentorId}, attempt ${attemptId}`);
    }
    return NOT_IN_STEP;
  });
}
