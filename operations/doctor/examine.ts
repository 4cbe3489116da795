import type { Check, Finding, Outcome, Remedy, Verdict } from "./finding.ts";
import { judge } from "./finding.ts";
import { explainFault } from "./explain_fault.ts";

const MARKS: Readonly<Record<Verdict, string>> = {
  well: "ok   ",
  wrong: "WRONG",
  unchecked: "?    ",
  unseen: "-    ",
};

/** How many problems with one remedy are listed. */
const MOST_PROBLEMS = 10;

/** The titles of the checks by what came of them. */
export type Summary = Readonly<Record<Verdict, readonly string[]>>;

/** Runs one check after the other, tells of each, and goes on whatever happens to it. */
export async function examine(
  checks: readonly Check[],
  tell: (line: string) => void,
): Promise<Summary> {
  const summary: Record<Verdict, string[]> = { well: [], wrong: [], unchecked: [], unseen: [] };
  for (const { title, run } of checks) {
    const outcome = await attempt(run);
    const verdict = judge(outcome);
    summary[verdict].push(title);
    tell(`${MARKS[verdict]}  ${title}`);
    for (const line of detail(outcome)) tell(`       ${line}`);
  }
  return summary;
}

async function attempt(run: Check["run"]): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    return { unchecked: [explainFault(error)] };
  }
}

function detail({ findings = [], unchecked = [], unseen = [], seen = [] }: Outcome): string[] {
  const byRemedy = Map.groupBy(findings, ({ remedy }) => remedyLine(remedy));
  return [
    ...seen,
    ...[...byRemedy].flatMap(([remedy, same]) => [...problems(same), remedy]),
    ...unchecked.map((reason) => `could not be checked: ${reason}`),
    ...unseen.map((reason) => `not checked: ${reason}`),
  ];
}

function problems(findings: readonly Finding[]): string[] {
  const shown = findings.slice(0, MOST_PROBLEMS).map(({ problem }) => problem);
  const hidden = findings.length - shown.length;
  return hidden === 0 ? shown : [...shown, `… and ${hidden} more of the kind.`];
}

function remedyLine(remedy: Remedy): string {
  if ("sql" in remedy) return `→ in SQL: ${remedy.sql}`;
  return "run" in remedy ? `→ run: ${remedy.run}` : `→ ${remedy.advice}`;
}

/** The last line: what was seen to be well, and what was not. */
export function summarise(summary: Summary): string {
  const { well, wrong, unchecked, unseen } = summary;
  const total = well.length + wrong.length + unchecked.length + unseen.length;
  if (total > 0 && well.length === total) {
    return `All is well: ${total} checks saw what they look for.`;
  }
  const named = (what: string, titles: readonly string[]) =>
    titles.length === 0 ? [] : [`${what}: ${titles.join("; ")}.`];
  return [
    `Seen to be well: ${well.length} of ${total} checks.`,
    ...named("Wrong", wrong),
    ...named("Could not be checked", unchecked),
    ...named("Not checked", unseen),
  ].join(" ");
}

/** 1 unless everything that could be looked at was, and is well. */
export function exitCode({ wrong, unchecked, well }: Summary): number {
  return wrong.length + unchecked.length === 0 && well.length > 0 ? 0 : 1;
}
