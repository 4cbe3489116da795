import { EXIT_CODES } from "../errors.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Divergence } from "./divergence.ts";
import type { RunReport } from "./run.ts";
import type { Words } from "./words/english.ts";

/** It ran, and not everything is in step. */
export const NOT_IN_STEP = 1;

/** 0 only when everything that was asked for is done and recorded. */
export function exitCode({ results, unreported, left, stopped }: RunReport): number {
  if (stopped === "interrupted") return EXIT_CODES.interrupted;
  const isDone = results.every(({ decision }) => decision.outcome === "success");
  const nothingIsLeft = stopped === null && left.length === 0 && unreported.length === 0;
  return isDone && nothingIsLeft ? 0 : NOT_IN_STEP;
}

/** How many ids to print before cutting the list. */
const SHOWN_IDS = 200;

export function sayIds(
  terminal: Terminal,
  headline: string,
  ids: readonly string[],
  words: Words,
): void {
  terminal.say(headline);
  for (const id of ids.slice(0, SHOWN_IDS)) terminal.say(`  ${id}`);
  if (ids.length > SHOWN_IDS) terminal.say(words.run.more(ids.length - SHOWN_IDS));
}

/** Ids only: who they are, the app says to those who may know. */
export function sayDivergence(terminal: Terminal, divergence: Divergence, words: Words): void {
  const { remove, restore, unlisted, unknownCount } = divergence;
  const { run } = words;
  sayIds(terminal, run.remove(remove.length), remove, words);
  sayIds(terminal, run.restore(restore.length), restore, words);
  if (unlisted.length > 0) sayIds(terminal, run.unlisted(unlisted.length), unlisted, words);
  if (unknownCount > 0) terminal.say(run.unknown(unknownCount));
}

/** What a run did, and each mentor that it failed for. */
export function sayRun(terminal: Terminal, report: RunReport, words: Words): void {
  const { run } = words;
  const { results, unreported, stopped, left } = report;
  const failed = results.filter(({ decision }) => decision.outcome !== "success");
  terminal.say(run.done(results.length - failed.length, failed.length));
  for (const { attempt, decision } of failed) {
    const { mentorId, operation } = attempt;
    terminal.say(run.failed(mentorId, operation, decision.outcome, decision.errorMessage));
  }
  if (unreported.length > 0) sayIds(terminal, run.unreported(unreported.length), unreported, words);
  if (stopped !== null) terminal.say(run.stopped[stopped]);
  if (left.length === 0) return;
  const ids = left.map(({ mentorId, operation }) => `${mentorId} ${operation}`);
  sayIds(terminal, run.left(ids.length), ids, words);
}
