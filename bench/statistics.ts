/**
 * The value below which a share of all values lies, interpolated between its two neighbours.
 *
 * @param share from 0 to 1
 * @throws {RangeError} when there are no values
 *
 * @example
 * ```ts
 * import { quantile } from "./statistics.ts";
 *
 * quantile([3, 1, 2], 0.5); // 2
 * ```
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) {
    throw new RangeError(`Cannot take a quantile of ${values.length} values`);
  }
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The least and the greatest, for what a median hides. */
export function range(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
