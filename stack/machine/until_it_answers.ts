import type { ChildProcess } from "./child_process.ts";
import { StackError } from "./errors.ts";

const TIMEOUT_SECONDS = 60;

/**
 * Waits until a process answers HTTP at `url`, whatever it answers unless `isReady` says otherwise.
 *
 * @throws {StackError} `process_ended` with its last words, or `process_silent`
 */
export async function untilItAnswers(
  process: ChildProcess,
  url: string,
  isReady: (response: Response) => boolean = () => true,
): Promise<void> {
  const deadline = performance.now() + TIMEOUT_SECONDS * 1000;
  while (performance.now() < deadline) {
    if (process.hasEnded) {
      await process.ended;
      throw new StackError(`${process.name} did not start: ${lastWords(process)}`, "process_ended");
    }
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
      await response.body?.cancel();
      if (isReady(response)) return;
    } catch {
      // Nobody listens yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new StackError(
    `${process.name} does not answer after ${TIMEOUT_SECONDS} s: ${lastWords(process)}`,
    "process_silent",
  );
}

/** The end of what a process printed, for a message in one line. */
export function lastWords(process: ChildProcess): string {
  const words = process.output.slice(-5).map(({ line }) => line.trim()).filter((line) =>
    line !== ""
  );
  return words.length === 0 ? "it said nothing" : words.join(" | ");
}
