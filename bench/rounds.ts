import { median } from "./statistics.ts";

/**
 * Runs every candidate once per round in rotating order, so that background load affects all alike.
 *
 * @returns what each gave, round by round
 */
export async function byTurns<Name extends string, T>(
  rounds: number,
  things: Readonly<Record<Name, (round: number) => Promise<T>>>,
): Promise<Record<Name, T[]>> {
  const names = Object.keys(things) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>;
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]!;
      results[name].push(await things[name](round));
    }
  }
  return results;
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
  const timed = Object.entries<(round: number) => Promise<readonly number[] | void>>(candidates)
    .map(([name, run]) =>
      [name, async (round: number) => {
        const start = now();
        return await run(round) ?? [now() - start];
      }] as const
    );
  const times = await byTurns(
    rounds,
    Object.fromEntries(timed) as Record<Name, (round: number) => Promise<readonly number[]>>,
  );
  return Object.fromEntries(
    Object.entries<(readonly number[])[]>(times).map((
      [name, values],
    ) => [name, median(values.flat())]),
  ) as Record<Name, number>;
}
