/** How many tests passed and failed. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
}

export function addTotals(all: readonly Totals[]): Totals {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/** Reads the last line `… | 3 passed | 1 failed …` that `deno test`, or a command of this project, printed. */
export function readSummaryTotals(output: string): Totals | null {
  const summaries = [...output.matchAll(/(\d+) passed(?: \([^)]*\))?(?: \||,) (\d+) failed/g)];
  const [, passed, failed] = summaries.at(-1) ?? [];
  return passed === undefined ? null : { passed: Number(passed), failed: Number(failed) };
}

/** Reads what `pg_prove` printed: how many tests ran, and for each file with failures how many. */
export function readPgProveTotals(output: string): Totals | null {
  const [, tests] = output.match(/^Files=\d+, Tests=(\d+),/m) ?? [];
  if (tests === undefined) return null;
  const failed = [...output.matchAll(/\(Wstat: .*Tests: \d+ Failed: (\d+)\)/g)]
    .reduce((sum, [, count]) => sum + Number(count), 0);
  return { passed: Number(tests) - failed, failed };
}

/**
 * What a runner's totals come to once its exit code is known: one that failed without saying which test did, or that
 * ran none, counts as one failure.
 */
export function judge(success: boolean, totals: Totals | null): Totals {
  if (totals === null) return success ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const hasRun = totals.passed + totals.failed > 0;
  return (success && hasRun) || totals.failed > 0 ? totals : { ...totals, failed: 1 };
}
