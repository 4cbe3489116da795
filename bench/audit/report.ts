/** Two times and what may lie between them. */
export interface Comparison {
  readonly name: string;
  /** Milliseconds. */
  readonly measured: number;
  readonly baseline: number;
  readonly ratio: number;
  /** Null where the ratio is only told. */
  readonly limit: number | null;
  readonly holds: boolean;
}

/** Compares two medians, in milliseconds. */
export function compare(
  name: string,
  measured: number,
  baseline: number,
  limit: number | null,
): Comparison {
  const ratio = measured / baseline;
  return { name, measured, baseline, ratio, limit, holds: limit === null || ratio <= limit };
}

/** A line for each comparison, for people. */
export function describe(comparisons: readonly Comparison[]): string {
  const width = Math.max(...comparisons.map(({ name }) => name.length));
  return comparisons.map(({ name, measured, baseline, ratio, limit, holds }) =>
    [
      limit === null ? "      " : holds ? "ok    " : "FAILED",
      name.padEnd(width),
      `${measured.toFixed(2)} ms`.padStart(9),
      `${baseline.toFixed(2)} ms`.padStart(9),
      `${ratio.toFixed(2)} times`.padStart(11),
      limit === null ? "" : `at most ${limit}`,
    ].join("  ").trimEnd()
  ).join("\n");
}
