import { z } from "zod";
import { OperationError } from "../cli/errors.ts";
import { FILE_WORDS, withFile } from "../cli/file_errors.ts";
import { type Administrator, type OfflineAttempt, withAdministrator } from "./administrator.ts";
import type { Person } from "./person.ts";
import { askForSupabase } from "./questions.ts";
import { type Attempt, type AttemptResult, NOT_IN_SYNC } from "./run.ts";
import { ENGLISH, type Words } from "./words/english.ts";

const operation = z.enum(["remove", "restore"]);
const entry = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("intent"),
    attempt_id: z.uuidv7(),
    mentor_id: z.guid(),
    operation,
  }),
  z.strictObject({
    kind: z.literal("outcome"),
    attempt_id: z.uuidv7(),
    outcome: z.enum(["success", "failure", "dead_lettered"]),
    response_code: z.int().nullable(),
    error_message: z.string().nullable(),
  }),
]);
type Entry = z.infer<typeof entry>;

/**
 * Keeps attempts while the database is out of reach: a JSON line before the request and one after,
 * each on the disk before anything goes on, so that no crash leaves a request that nobody knows of.
 */
export class Journal {
  readonly #encoder = new TextEncoder();
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    private readonly file: Deno.FsFile,
    private readonly words: typeof FILE_WORDS,
  ) {}

  /**
   * Opens a file to go on with, or a new one that only its owner may read.
   *
   * @throws {OperationError} `unwritable`, here and at each write
   */
  static async open(path: string, words = FILE_WORDS): Promise<Journal> {
    const open = () => Deno.open(path, { append: true, create: true, read: true, mode: 0o600 });
    const file = await withFile("unwritable", path, open, words);
    const journal = new Journal(path, file, words);
    // A crash may have left half a line; what follows is to be read all the same.
    const { size } = await file.stat();
    if (size > 0) {
      const last = new Uint8Array(1);
      await file.seek(-1, Deno.SeekMode.End);
      await file.read(last);
      if (last[0] !== 0x0a) await journal.#append("\n");
    }
    return journal;
  }

  /** Resolves when the disk has them all. */
  async intend(attempts: readonly Attempt[]): Promise<void> {
    await this.#write(attempts.map(({ attemptId, mentorId, operation }) => ({
      ...{ kind: "intent", attempt_id: attemptId, mentor_id: mentorId, operation },
    })));
  }

  /** Resolves when the disk has it. */
  async conclude({ attempt, decision }: AttemptResult): Promise<void> {
    await this.#write([{
      kind: "outcome",
      attempt_id: attempt.attemptId,
      outcome: decision.outcome,
      response_code: decision.responseCode,
      error_message: decision.errorMessage,
    }]);
  }

  close(): void {
    this.file.close();
  }

  #write(entries: readonly Entry[]): Promise<void> {
    return this.#append(entries.map((some) => `${JSON.stringify(some)}\n`).join(""));
  }

  #append(text: string): Promise<void> {
    const writeAll = async () => {
      let bytes = this.#encoder.encode(text);
      while (bytes.length > 0) bytes = bytes.subarray(await this.file.write(bytes));
      await this.file.sync();
    };
    const write = this.#writing.then(() => withFile("unwritable", this.path, writeAll, this.words));
    // A full disk is told to whoever writes, not to whoever writes next.
    this.#writing = write.catch(() => {});
    return write;
  }
}

/**
 * The attempts in a journal. One that has no outcome was interrupted: whether Dynamics heard of it
 * is unknown.
 *
 * @throws {OperationError} `unreadable` that lists every line that is not a journal's
 */
export function readJournal(text: string, { journal }: Words = ENGLISH): OfflineAttempt[] {
  const attempts = new Map<string, OfflineAttempt>();
  const problems: string[] = [];
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const read = entry.safeParse(parse(line));
    if (!read.success) {
      // Half a line is what a crash leaves; it was never acted upon.
      if (!isTorn(line)) problems.push(journal.noEntry(index + 1));
    } else if (read.data.kind === "intent") {
      const { attempt_id, mentor_id, operation } = read.data;
      attempts.set(attempt_id, {
        ...{ attemptId: attempt_id, mentorId: mentor_id, operation },
        ...{ outcome: "failure", responseCode: null, errorMessage: "interrupted" },
      });
    } else {
      const { attempt_id, outcome, response_code, error_message } = read.data;
      const attempt = attempts.get(attempt_id);
      if (attempt === undefined) problems.push(journal.noAttempt(index + 1));
      else {
        attempts.set(attempt_id, {
          ...attempt,
          ...{ outcome, responseCode: response_code, errorMessage: error_message },
        });
      }
    }
  }
  if (problems.length === 0) return [...attempts.values()];
  throw new OperationError("unreadable", [journal.unreadable, ...problems].join("\n  "));
}

function isTorn(line: string): boolean {
  return line.startsWith("{") && !line.endsWith("}");
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Writes a journal into the audit log, and says which of its attempts it could not. */
export async function importIntoLog(person: Person, path: string): Promise<number> {
  const { terminal, words } = person;
  const text = await withFile("unreadable", path, () => Deno.readTextFile(path), words.file);
  const attempts = readJournal(text, words);
  const login = await askForSupabase(person);
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
    return unknown.length + taken.length === 0 ? 0 : NOT_IN_SYNC;
  });
}

interface ImportReport {
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
