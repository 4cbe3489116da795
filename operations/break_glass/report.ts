import type { Terminal } from "../terminal/terminal.ts";
import type { Divergence } from "./divergence.ts";
import type { RunReport } from "./run_report.ts";
import { explainStop } from "./stop.ts";

/** As many ids as a person looks through. */
const SHOWN_IDS = 200;

function sayIds(terminal: Terminal, headline: string, ids: readonly string[]): void {
  terminal.say(headline);
  for (const id of ids.slice(0, SHOWN_IDS)) terminal.say(`  ${id}`);
  if (ids.length > SHOWN_IDS) terminal.say(`  … and ${ids.length - SHOWN_IDS} more`);
}

/** Ids only: who they are, the app says to those who may know. */
export function sayDivergence(terminal: Terminal, divergence: Divergence): void {
  const { remove, restore, unlisted, unknownCount } = divergence;
  sayIds(terminal, `Shown and must be removed: ${remove.length}`, remove);
  sayIds(terminal, `Hidden and must be restored: ${restore.length}`, restore);
  if (unlisted.length > 0) {
    const headline =
      `Must be shown and have no listing, which only HLF can make: ${unlisted.length}`;
    sayIds(terminal, headline, unlisted);
  }
  if (unknownCount > 0) {
    terminal.say(`Shown, but not known to the app, and left alone: ${unknownCount}`);
  }
}

/** What a run did, and each mentor that it failed for. */
export function sayRun(terminal: Terminal, run: RunReport): void {
  const failed = run.results.filter(({ decision }) => decision.outcome !== "success");
  terminal.say(`Done: ${run.results.length - failed.length}, failed: ${failed.length}`);
  for (const { attempt, decision } of failed) {
    const { mentorId, operation } = attempt;
    terminal.say(`  ${mentorId} ${operation}: ${decision.outcome}, ${decision.errorMessage}`);
  }
  if (run.unreported.length > 0) {
    const headline = "Attempts whose result the database did not take, and will call interrupted: ";
    sayIds(terminal, headline + run.unreported.length, run.unreported);
  }
  if (run.stopped !== null) terminal.say(explainStop(run.stopped));
  if (run.left.length > 0) {
    const ids = run.left.map(({ mentorId, operation }) => `${mentorId} ${operation}`);
    sayIds(terminal, `Left to do: ${ids.length}`, ids);
  }
}
