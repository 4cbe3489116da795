/** Seeded pseudo-random numbers. */
export interface Random {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number, both ends included. */
  integer(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** One of the choices, each as likely as its weight. */
  weighted<T>(choices: readonly (readonly [number, T])[]): T;
  /** Some of the choices, in their order. */
  some<T>(choices: readonly T[], count: number): T[];
}

/**
 * Mulberry32, which is small and good enough to choose what goes wrong.
 * <https://github.com/cprosche/mulberry32>
 */
export function createRandom(seed: number): Random {
  // Neighbouring seeds would start with similar numbers.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const integer = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));

  function pick<T>(choices: readonly T[]): T {
    const index = integer(0, choices.length - 1);
    if (!(index in choices)) throw new RangeError("Cannot pick from nothing");
    return choices[index] as T;
  }

  return {
    next,
    integer,
    pick,
    chance: (probability) => next() < probability,
    weighted(choices) {
      let left = next() * choices.reduce((sum, [weight]) => sum + weight, 0);
      const found = choices.find(([weight]) => (left -= weight) < 0) ?? choices.at(-1);
      if (found === undefined) throw new RangeError("Cannot pick from nothing");
      return found[1];
    },
    some(choices, count) {
      const chosen = new Set<number>();
      while (chosen.size < Math.min(count, choices.length)) {
        chosen.add(integer(0, choices.length - 1));
      }
      return choices.filter((_, index) => chosen.has(index));
    },
  };
}
