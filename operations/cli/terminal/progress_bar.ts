import type { Terminal } from "./terminal.ts";

const WIDEST = 40;

/** One line that says how far something is, never longer than `columns`. */
export function renderProgress(
  count: string,
  { done, total }: { readonly done: number; readonly total: number },
  columns: number,
): string {
  const width = Math.min(WIDEST, columns - count.length - 4);
  if (width < 5) return count.slice(0, Math.max(columns, 0));
  const filled = total === 0 ? width : Math.floor(width * Math.min(done / total, 1));
  return `[${"#".repeat(filled)}${".".repeat(width - filled)}] ${count}`;
}

/** A bar on a terminal, a line each time in a file. */
export class ProgressBar {
  #done = 0;
  #failed = 0;

  /** @param describe how far it is, in words */
  constructor(
    private readonly terminal: Terminal,
    private readonly total: number,
    private readonly describe: (done: number, total: number, failed: number) => string,
  ) {}

  advance(done: number, failed: number): void {
    this.#done += done;
    this.#failed += failed;
    this.#draw();
  }

  /** Says something without tearing the bar. */
  note(line: string): void {
    this.terminal.draw(line);
    this.terminal.endDrawing();
    this.#draw();
  }

  finish(): void {
    this.terminal.endDrawing();
  }

  #draw(): void {
    const { total, terminal } = this;
    const count = this.describe(this.#done, total, this.#failed);
    terminal.draw(renderProgress(count, { done: this.#done, total }, terminal.columns()));
  }
}
