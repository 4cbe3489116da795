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
