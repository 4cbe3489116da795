import { dayAfter } from "./days.ts";
import type { Verdict } from "./verify.ts";

/** What a verdict means, in lines. */
export function describeVerdict(directory: string, verdict: Verdict): string[] {
  const { manifest, rowCount, dayCount, firstBadDay, problems } = verdict;
  const last = manifest.seals.at(-1);
  return [
    `${directory}: ${manifest.table}, ${manifest.from} to ${manifest.to}, ` +
    `${rowCount} rows, ${dayCount} sealed days`,
    ...problems.map((problem) => `  ${problem}`),
    ...(firstBadDay === null
      ? []
      : [`  first day that does not match: ${firstBadDay.day}, ${firstBadDay.reason}`]),
    ...(last === undefined ? [] : [`  last seal: ${last.day} ${last.digest}`]),
  ];
}

/** Whether exports, in their order, are one chain of seals; null when they are. */
export function findBreak(verdicts: readonly Verdict[]): string | null {
  for (const [index, { manifest }] of verdicts.entries()) {
    const before = verdicts[index - 1]?.manifest;
    if (before === undefined) continue;
    const between = `${before.to} and ${manifest.from}`;
    if (manifest.from !== dayAfter(before.to)) return `days are missing between ${between}`;
    if (manifest.seals[0]?.previous_digest !== before.seals.at(-1)?.digest) {
      return `the seals do not follow from one another between ${between}`;
    }
  }
  return null;
}
