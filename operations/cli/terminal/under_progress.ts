import { systemClock } from "../../../supabase/functions/_shared/clock.ts";
import { EXIT_CODES } from "../errors.ts";
import { renderProgress } from "./progress_bar.ts";
import type { Terminal } from "./terminal.ts";

/** What work that takes long is given. */
export interface Progress {
  /** Aborted when the person wants to stop. */
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, failed: number) => void;
  readonly note: (line: string) => void;
}

interface ProgressWords {
  readonly finishing: string;
  readonly progress: (done: number, total: number, failed: number) => string;
}

/**
 * A task runner hands Ctrl-C on to a process that has it from the terminal already, so a second one
 * this soon is the same.
 */
const SAME_SIGNAL_MILLISECONDS = 1000;

/**
 * Shows a bar on a terminal, a line each time in a file, and lets work come to a good end when the person presses Ctrl-C. The second
 * time the process ends at once.
 */
export async function underProgress<T>(
  terminal: Terminal,
  words: ProgressWords,
  total: number,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const sum = { done: 0, failed: 0 };
  const draw = () => {
    const count = words.progress(sum.done, total, sum.failed);
    terminal.draw(renderProgress(count, { done: sum.done, total }, terminal.columns()));
  };
  /** Says something without tearing the bar. */
  const note = (line: string) => {
    terminal.draw(line);
    terminal.endDrawing();
    draw();
  };
  const abort = new AbortController();
  let interruptedAt: number | null = null;
  terminal.onInterrupt(() => {
    const now = systemClock.monotonic();
    if (interruptedAt !== null) {
      if (now - interruptedAt > SAME_SIGNAL_MILLISECONDS) Deno.exit(EXIT_CODES.interrupted);
      return;
    }
    interruptedAt = now;
    abort.abort();
    note(words.finishing);
  });
  try {
    return await work({
      signal: abort.signal,
      onProgress: (done, failed) => {
        sum.done += done;
        sum.failed += failed;
        draw();
      },
      note,
    });
  } finally {
    terminal.onInterrupt(null);
    terminal.endDrawing();
  }
}
