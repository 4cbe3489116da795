import { EXIT_CODES, OperationError } from "./errors.ts";

/** Runs a command and ends the process with its exit code; what it cannot do it says in one line. */
export async function endWith(command: () => Promise<number>): Promise<never> {
  try {
    Deno.exit(await command());
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    console.error(error.message);
    Deno.exit(EXIT_CODES[error.code]);
  }
}
