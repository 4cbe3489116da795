/** What a check found wrong, and what to do about it. */
export interface Finding {
  readonly problem: string;
  readonly remedy: string;
}

export interface Check {
  readonly title: string;
  /** Nothing found: it is as it should be. */
  readonly run: () => Promise<readonly Finding[]>;
}

/** Runs all checks, tells of each, and returns how many found something. */
export async function examine(
  checks: readonly Check[],
  tell: (line: string) => void,
): Promise<number> {
  let ailing = 0;
  for (const { title, run } of checks) {
    const findings = await run();
    tell(`${findings.length === 0 ? "ok   " : "WRONG"}  ${title}`);
    for (const { problem, remedy } of findings) {
      tell(`       ${problem}`);
      tell(`       → ${remedy}`);
    }
    if (findings.length > 0) ailing++;
  }
  return ailing;
}
