import type { Terminal } from "./terminal.ts";

const WIDEST = 40;

/** One line that says how far something is, never longer than `columns`. */
export function renderProgress(
  { done, total, failed }: {
    readonly done: number;
    readonly total: number;
    readonly failed: number;
  },
  columns: number,
): string {
  const count = `${done} of ${total}${failed > 0 ? `, ${failed} failed` : ""}`;
  const width = Math.min(WIDEST, columns - count.length - 4);
  if (width < 5) return count.slice(0, Math.max(columns, 0));
  const filled = total === 0 ? width : Math.floor(width * Math.min(done / total, 1));
  return `[${"#".repeat(filled)}${".".repeat(width - filled)}] ${count}`;
}

/** A bar on a terminal, a line each time in a file. */
export class ProgressBar {
  #done = 0;
  #failed = 0;

  constructor(private readonly terminal: Terminal, private readonly total: number) {}

  advance(done: number, failed: number): void {
    this.#done += done;
    this.#failed += failed;
    this.#draw();
  }

  /** Says something without tearing the bar. */
  note(line: string): void {
    this.terminal.draw(line);
    if (!this.terminal.isInteractive) return;
    this.terminal.say("");
    this.#draw();
  }

  finish(): void {
    if (this.terminal.isInteractive) this.terminal.say("");
  }

  #draw(): void {
    const { total } = this;
    const progress = { done: this.#done, failed: this.#failed, total };
    this.terminal.draw(renderProgress(progress, this.terminal.columns()));
  }
}
