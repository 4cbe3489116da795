import type { Sleep } from "../_shared/clock.ts";

/** Lets one loop sleep until somebody has something for it. A signal given before is not lost. */
export class Wake {
  #signalled = false;
  #abort?: AbortController;

  /** Sleeps as it is told, so that tests need not wait. */
  constructor(private readonly sleep: Sleep) {}

  /** Ends the wait, or the next one. */
  signal(): void {
    this.#signalled = true;
    this.#abort?.abort();
  }

  /** Returns at the next signal, or after so many seconds. */
  async wait(seconds: number): Promise<void> {
    if (!this.#signalled) {
      this.#abort = new AbortController();
      await this.sleep(seconds, this.#abort.signal);
    }
    this.#signalled = false;
  }
}
