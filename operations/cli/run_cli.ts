import { EXIT_CODES, OperationError } from "./errors.ts";
import { explainFileError, FILE_WORDS, type FileWords } from "./file_errors.ts";

/** What is said of faults that no command knows. */
interface FaultWords {
  readonly file: FileWords;
  readonly output: string;
  readonly unforeseen: (what: string) => string;
}

export const FAULT_WORDS: FaultWords = {
  file: FILE_WORDS,
  output: "the output",
  unforeseen: (what) =>
    `Something unforeseen happened (${what}). This is a fault of hlf-sync: ` +
    "please pass this line on to those who maintain it",
};

/** Runs a command and ends the process with its exit code; what it cannot do it says in one line. */
export async function runCli(command: () => Promise<number>): Promise<never> {
  // What nobody waits for fails outside the promise below, and would end in a stack trace.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    fail(event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    fail(event.error);
  });
  try {
    Deno.exit(await command());
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): never {
  const known = toOperationError(error);
  try {
    console.error(known.message);
  } catch {
    // Where even this cannot be written, the exit code has to do.
  }
  Deno.exit(EXIT_CODES[known.code]);
}

/** An error in one line. The message of an unknown one may quote a secret, so only its place is told. */
export function toOperationError(error: unknown, words = FAULT_WORDS): OperationError {
  if (error instanceof OperationError) return error;
  const options = { cause: error };
  const reason = explainFileError(error, words.file);
  if (reason !== null) {
    return new OperationError("unwritable", words.file.unwritable(words.output, reason), options);
  }
  const name = error instanceof Error ? error.name : typeof error;
  return new OperationError("unforeseen", words.unforeseen(`${name}${placeOf(error)}`), options);
}

/** The first line of our own in a stack, as `at operations/x.ts:12`. */
function placeOf(error: unknown): string {
  const stack = error instanceof Error ? error.stack ?? "" : "";
  const place = /\/((?:operations|supabase\/functions)\/[\w./-]+\.ts:\d+)/.exec(stack)?.[1];
  return place === undefined ? "" : ` at ${place}`;
}
