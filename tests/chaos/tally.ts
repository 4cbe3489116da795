/** How often what was met, over all schedules, so that a run that met nothing shows. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(words: readonly string[]): void {
    for (const word of words) this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
  }

  /** One line, the most frequent first. */
  toString(): string {
    return [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .map(([word, count]) => `${word} ${count}`).join(", ");
  }
}
