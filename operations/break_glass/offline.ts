import { v7 } from "uuid";
import type { DataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import { DataverseError } from "../../supabase/functions/_shared/dataverse/dataverse_error.ts";
import { withFile } from "../cli/file_errors.ts";
import type { OfflineAttempt } from "./administrator.ts";
import { type Dynamics, signInToDynamics } from "./dynamics.ts";
import { Journal, readJournal } from "./journal.ts";
import { type MentorList, readMentorList } from "./mentor_list.ts";
import type { Person } from "./person.ts";
import {
  exitCode,
  NOT_IN_SYNC,
  type Order,
  type Recorder,
  Run,
  type RunDependencies,
  runInSight,
  type RunReport,
  sayIds,
  WAVE,
} from "./run.ts";
import type { Words } from "./words/english.ts";

/** A list of mentors, and the journal of an earlier run to go on with. */
export interface OfflineFiles {
  readonly list: string;
  readonly journal: string | null;
}

/** Without the database. */
export async function breakGlassOffline(person: Person, files: OfflineFiles): Promise<number> {
  const { terminal, environment, words } = person;
  // Before the questions: whoever has the wrong file should know at once.
  const keyColumn = environment.DYNAMICS_LISTING_KEY;
  const { remarks } = await readOrders(files, keyColumn, words);
  for (const remark of remarks) terminal.say(remark);
  return await sendList(person, files, await signInToDynamics(person), remarks);
}

/**
 * Reads the list again and asks, as minutes may have passed since.
 *
 * @param said remarks about the list that were made before
 */
export async function sendList(
  person: Person,
  files: OfflineFiles,
  dynamics: Dynamics,
  said: readonly string[] = [],
): Promise<number> {
  const { terminal, words } = person;
  const { orders, remarks } = await readOrders(files, dynamics.settings.listing.key, words);
  sayClock(person, dynamics);
  for (const remark of remarks) if (!said.includes(remark)) terminal.say(remark);
  const removes = orders.filter(({ operation }) => operation === "remove").length;
  terminal.say(words.run.counts(removes, orders.length - removes));
  if (orders.length === 0) return 0;
  if (!await terminal.confirm(words.run.change(removes, orders.length - removes))) {
    terminal.say(words.run.unchanged);
    return NOT_IN_SYNC;
  }
  const { dataverse, serverClock } = dynamics;
  const path = files.journal ?? newJournalPath(serverClock.now());
  const journal = await Journal.open(path, words.file);
  terminal.say(words.journal.path(path));
  try {
    const newAttemptId = () => v7({ msecs: Math.round(serverClock.now()) });
    const report = await runInSight(
      person,
      dynamics,
      orders,
      (deps) => sendOffline(orders, { ...deps, journal, newAttemptId }),
    );
    const isDone = await isAsOrdered(person, report, dataverse);
    const code = exitCode(report) === 0 && !isDone ? NOT_IN_SYNC : exitCode(report);
    if (code !== 0) terminal.say(words.journal.goOn(files.list, path));
    terminal.say(words.journal.importLater(path));
    return code;
  } finally {
    journal.close();
  }
}

function sayClock({ terminal, words }: Person, { serverClock }: Dynamics): void {
  const ahead = serverClock.secondsAhead();
  if (ahead === null) terminal.say(words.dynamics.noClock);
  else if (ahead !== 0) terminal.say(words.dynamics.clock(ahead));
}

/** What counts is not what was answered, but what is there now. */
async function isAsOrdered(
  person: Person,
  { results }: RunReport,
  dataverse: Pick<DataverseClient, "listings">,
): Promise<boolean> {
  const { terminal, words } = person;
  const succeeded = results.filter(({ decision }) => decision.outcome === "success");
  if (succeeded.length === 0) return false;
  const isShown = new Map<string, boolean>();
  try {
    for await (const page of dataverse.listings()) {
      for (const { mentorId, published } of page) {
        if (mentorId !== null) isShown.set(mentorId, published || isShown.get(mentorId) === true);
      }
    }
  } catch (error) {
    if (!(error instanceof DataverseError)) throw error;
    terminal.say(words.run.uncheckable(error.message));
    return true;
  }
  const wrong = succeeded.map(({ attempt }) => attempt).filter(({ mentorId, operation }) =>
    (isShown.get(mentorId) === true) !== (operation === "restore")
  ).map(({ mentorId }) => mentorId);
  if (wrong.length === 0) terminal.say(words.run.asOrdered);
  else sayIds(person, words.run.notAsOrdered(wrong.length), wrong);
  terminal.say(words.run.cacheAfter);
  return wrong.length === 0;
}

async function readOrders(
  { list, journal }: OfflineFiles,
  keyColumn: string | undefined,
  words: Words,
): Promise<MentorList> {
  const read = (path: string) =>
    withFile("unreadable", path, () => Deno.readFile(path), words.file);
  const options = { words, ...(keyColumn && { keyColumn }) };
  const { orders, remarks } = readMentorList(await read(list), options);
  if (journal === null) return { orders, remarks };
  const attempts = readJournal(new TextDecoder().decode(await read(journal)), words);
  return { orders: withoutDone(orders, attempts), remarks };
}

function newJournalPath(now: number): string {
  return `break-glass-${new Date(now).toISOString().replace(/[:.]/g, "-")}.jsonl`;
}

interface OfflineDependencies extends RunDependencies {
  readonly journal: Pick<Journal, "intend" | "conclude">;
  /** A UUIDv7, as the database makes them. */
  readonly newAttemptId: () => string;
}

/**
 * Dataverse admits 6,000 requests in 300 s; 5 % are left for others. Shorter lists need no pacing.
 * <https://learn.microsoft.com/power-apps/developer/data-platform/api-limits#service-protection-api-limits>
 */
const BUDGET = { requests: 5700, seconds: 300 } as const;

/**
 * Sends without the database, which otherwise makes the attempts and counts the requests. Nothing is
 * sent before the journal has it.
 *
 * @throws {OperationError} `unwritable` when the journal cannot be written
 */
export async function sendOffline(
  orders: readonly Order[],
  deps: OfflineDependencies,
): Promise<RunReport> {
  const waveSeconds = orders.length > BUDGET.requests ? WAVE * BUDGET.seconds / BUDGET.requests : 0;
  const run = new Run(deps, recordInJournal(deps, waveSeconds));
  return run.report(await run.carryOut(orders));
}

function recordInJournal(
  { journal, newAttemptId, clock, sleep, signal }: OfflineDependencies,
  waveSeconds: number,
): Recorder {
  let startedAt = -Infinity;
  return {
    async begin(orders) {
      const rest = waveSeconds - (clock.monotonic() - startedAt) / 1000;
      if (rest > 0) await sleep(rest, signal);
      startedAt = clock.monotonic();
      const attempts = orders.map((order) => ({
        ...order,
        attemptId: newAttemptId(),
        retryCount: 0,
      }));
      await journal.intend(attempts);
      // Nobody else knows of these attempts, so nobody takes them over.
      return { attempts, notAfter: Infinity };
    },
    conclude: (result) => journal.conclude(result),
    end: () => Promise.resolve({ unreported: [], isAway: false }),
  };
}

/** What is still to do when a journal is gone on with. */
export function withoutDone(
  orders: readonly Order[],
  attempts: readonly OfflineAttempt[],
): Order[] {
  const last = new Map(attempts.map((attempt) => [attempt.mentorId, attempt]));
  return orders.filter(({ mentorId, operation }) => {
    const attempt = last.get(mentorId);
    return attempt?.outcome !== "success" || attempt.operation !== operation;
  });
}
