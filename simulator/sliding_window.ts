interface Entry {
  /** When it happened, in milliseconds. */
  readonly at: number;
  /** How much work it was. */
  readonly seconds: number;
}

/** Things that happened, oldest first; forgetting the old ones is cheap. */
export class SlidingWindow {
  #entries: Entry[] = [];
  #first = 0;
  #seconds = 0;

  /** The work of all entries together. */
  get seconds(): number {
    return this.#seconds;
  }

  get count(): number {
    return this.#entries.length - this.#first;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#seconds += entry.seconds;
  }

  /** Drops what happened at or before this time. */
  forget(before: number): void {
    for (let entry = this.#entries[this.#first]; entry !== undefined && entry.at <= before;) {
      this.#seconds -= entry.seconds;
      this.#first += 1;
      entry = this.#entries[this.#first];
    }
    if (this.#first > 1_024 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
    if (this.count === 0) this.#seconds = 0;
  }

  /** When, if nothing is added, at most `count` entries are left. */
  timeWithAtMost(count: number, windowMs: number): number | undefined {
    const last = this.#entries[this.#entries.length - 1 - count];
    return last === undefined ? undefined : last.at + windowMs;
  }

  /** When, if nothing is added, less work than this is left. */
  timeWithLessWorkThan(seconds: number, windowMs: number): number | undefined {
    let left = this.#seconds;
    for (let index = this.#first; index < this.#entries.length; index++) {
      const entry = this.#entries[index];
      if (entry === undefined) return undefined;
      left -= entry.seconds;
      if (left < seconds) return entry.at + windowMs;
    }
    return undefined;
  }
}
