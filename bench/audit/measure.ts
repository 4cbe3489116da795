/** The middle of some measurements; of an even number, the upper of the two. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new RangeError("Cannot take the median of nothing");
  return middle;
}

/**
 * Times several things by turns, so that whatever else the machine does meets all of them alike.
 *
 * @param candidates each does one round; the round's number chooses what it works on. Those that know how long it took
 * say so, in milliseconds.
 * @returns the median of each, in milliseconds
 */
export async function timeByTurns<Name extends string>(
  rounds: number,
  candidates: Readonly<Record<Name, (round: number) => Promise<readonly number[] | void>>>,
  now: () => number = () => performance.now(),
): Promise<Record<Name, number>> {
  const entries = Object.entries(candidates) as [
    Name,
    (round: number) => Promise<readonly number[] | void>,
  ][];
  const times = new Map<Name, number[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // The order changes, so that nobody always finds the caches as the same neighbour left them.
    for (let turn = 0; turn < entries.length; turn++) {
      const [name, run] = entries[(round + turn) % entries.length]!;
      const start = now();
      const taken = await run(round);
      times.get(name)!.push(...taken ?? [now() - start]);
    }
  }
  return Object.fromEntries(
    [...times].map(([name, values]) => [name, median(values)]),
  ) as Record<Name, number>;
}
