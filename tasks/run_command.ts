import { StackError } from "../stack/machine/errors.ts";

/**
 * Runs a command's work and ends the process: with its exit code, or with 1 after one clear line for a failure that a
 * person can do something about.
 */
export async function runCommand(work: () => Promise<number>): Promise<never> {
  try {
    Deno.exit(await work());
  } catch (error) {
    console.error(error instanceof StackError ? error.message : error);
    Deno.exit(1);
  }
}
