/** What one pgTAP file came to. */
export interface TapResult {
  readonly passed: number;
  readonly failed: number;
  /** What to show: failed tests with their diagnostics, and a plan that was not kept. */
  readonly problems: readonly string[];
}

/**
 * Reads the TAP that the statements of a pgTAP file returned, one text for each row.
 * <https://testanything.org/tap-version-13-specification.html>
 */
export function readTap(rows: readonly string[]): TapResult {
  let planned: number | null = null;
  let passed = 0;
  let failed = 0;
  let show = false;
  const problems: string[] = [];
  for (const line of rows.flatMap((row) => row.split("\n"))) {
    const [, plan] = line.match(/^1\.\.(\d+)/) ?? [];
    if (plan !== undefined) planned = Number(plan);
    else if (/^ok \d+/.test(line) || /^not ok \d+.*# TODO/.test(line)) {
      passed++;
      show = false;
    } else if (/^not ok \d+/.test(line)) {
      failed++;
      show = true;
      problems.push(line);
    } else if (line.startsWith("#") && show) problems.push(line);
  }
  const ran = passed + failed;
  if (planned === null) problems.push("# no plan was made");
  else if (planned !== ran) problems.push(`# ${planned} tests were planned, but ${ran} ran`);
  return { passed, failed: failed + (planned === ran ? 0 : 1), problems };
}
