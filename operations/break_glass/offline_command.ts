import { v7 } from "uuid";
import { systemClock, systemSleep } from "../../supabase/functions/_shared/clock.ts";
import type { Environment } from "../../supabase/functions/_shared/settings.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Order } from "./attempt.ts";
import { askForWorkingDynamics } from "./connect.ts";
import type { Dynamics } from "./dynamics.ts";
import { Journal, readJournal } from "./journal.ts";
import { readMentorList } from "./mentor_list.ts";
import { sendOffline, withoutDone } from "./offline.ts";
import { readFile } from "./read_file.ts";
import { sayRun } from "./report.ts";
import { exitCode, NOT_IN_STEP } from "./run_report.ts";
import { underProgress } from "./under_progress.ts";

/**
 * Without the database.
 *
 * @param files a list of mentors, and the journal to go on with
 * @returns the exit code
 */
export async function breakGlassOffline(
  terminal: Terminal,
  environment: Environment,
  { list, journal }: { readonly list: string; readonly journal: string | null },
): Promise<number> {
  // Before the questions: whoever has the wrong file should know at once.
  await readOrders(list, journal);
  const dynamics = await askForWorkingDynamics(terminal, environment);
  return await sendList(terminal, list, journal, dynamics);
}

/** @returns the exit code */
export async function sendList(
  terminal: Terminal,
  list: string,
  journalPath: string | null,
  { dataverse }: Dynamics,
): Promise<number> {
  const orders = await readOrders(list, journalPath);
  const removes = orders.filter(({ operation }) => operation === "remove").length;
  terminal.say(`To remove: ${removes}, to restore: ${orders.length - removes}`);
  if (orders.length === 0) return 0;
  if (!await terminal.confirm(`Change ${orders.length} listings?`)) {
    terminal.say("Nothing was changed.");
    return NOT_IN_STEP;
  }
  const journal = await Journal.open(journalPath ?? newJournalPath());
  terminal.say(`Journal: ${journal.path}`);
  try {
    const report = await underProgress(terminal, orders.length, (progress) =>
      sendOffline(orders, {
        ...{ journal, dataverse, newAttemptId: () => v7() },
        ...{ clock: systemClock, sleep: systemSleep },
        ...progress,
      }));
    sayRun(terminal, report);
    const code = exitCode(report);
    if (code !== 0) {
      terminal.say(`To go on: --offline ${list} --journal ${journal.path}`);
    }
    terminal.say(`Once the database is back: --import ${journal.path}`);
    return code;
  } finally {
    journal.close();
  }
}

async function readOrders(list: string, journal: string | null): Promise<Order[]> {
  const orders = readMentorList(await readFile(list));
  return journal === null ? orders : withoutDone(orders, readJournal(await readFile(journal)));
}

function newJournalPath(): string {
  return `break-glass-${new Date().toISOString().replace(/[:.]/g, "-")}.jsonl`;
}
