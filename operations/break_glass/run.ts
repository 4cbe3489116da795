import {
  type Clock,
  type Sleep,
  systemClock,
  systemSleep,
} from "../../supabase/functions/_shared/clock.ts";
import type { Operation } from "../../supabase/functions/_shared/dataverse/classify.ts";
import type { DataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import { decide, type Decision } from "../../supabase/functions/_shared/dataverse/decide.ts";
import { EXIT_CODES } from "../cli/errors.ts";
import { type Progress, underProgress } from "../cli/terminal/under_progress.ts";
import { checkCredentials, type Dynamics } from "./dynamics.ts";
import type { Person } from "./person.ts";
import type { Words } from "./words/english.ts";

/** What a mentor's listing is to become. */
export interface Order {
  readonly mentorId: string;
  readonly operation: Operation;
}

export interface Attempt extends Order {
  readonly attemptId: string;
  /** Attempts made before this one. */
  readonly retryCount: number;
}

export interface AttemptResult {
  readonly attempt: Attempt;
  readonly decision: Decision;
}

/** Why a run ended before its last mentor. */
type StopReason = keyof Words["run"]["stopped"];

export interface RunReport {
  readonly results: readonly AttemptResult[];
  /** Ids of attempts whose result the database did not take. */
  readonly unreported: readonly string[];
  /** Orders that were not carried out. */
  readonly left: readonly Order[];
  readonly stopped: StopReason | null;
}

/** Where attempts are written down: in the database, or in a journal while that is away. */
export interface Recorder {
  /**
   * Called before anything is sent.
   *
   * @returns the attempts that may be made, and the moment on the monotonic clock until which a request may run; null when
   * nothing can be written down any more
   */
  begin(orders: readonly Order[]): Promise<{ attempts: Attempt[]; notAfter: number } | null>;
  /** Called as each attempt ends. */
  conclude(result: AttemptResult): Promise<void>;
  /** @returns attempts that could not be reported, and whether to go on */
  end(
    results: readonly AttemptResult[],
  ): Promise<{ readonly unreported: readonly string[]; readonly isAway: boolean }>;
}

export interface RunDependencies extends Progress {
  readonly dataverse: Pick<DataverseClient, "updateListing">;
  /** Whether Dynamics still accepts the credentials at all. */
  readonly isWelcome: () => Promise<boolean>;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly words: Words;
}

/**
 * This many requests are under way at a time. Dataverse refuses the 52nd, and the function may be at
 * work as well.
 */
export const WAVE = 25;

/** A longer wait is for a person to decide. */
const LONGEST_PAUSE_SECONDS = 600;

/** This many in a row without a single success are everybody. */
const EVERYBODY = 4 * WAVE;

/**
 * Sends orders a wave at a time, so that an interruption leaves nothing half done. What is refused to
 * one mentor stops nobody else; it ends where everybody is refused.
 */
export class Run {
  readonly results: AttemptResult[] = [];
  readonly unreported: string[] = [];
  stopped: StopReason | null = null;
  #failuresInARow = 0;

  constructor(private readonly deps: RunDependencies, private readonly record: Recorder) {}

  /** @returns what is left, because it could not be begun or the run was stopped */
  async carryOut(orders: readonly Order[]): Promise<Order[]> {
    const left: Order[] = [];
    for (const wave of inWaves(orders)) {
      if (this.stopped === null && this.deps.signal.aborted) this.stopped = "interrupted";
      if (this.stopped !== null) left.push(...wave);
      else left.push(...await this.#carryOutWave(wave));
    }
    return left;
  }

  report(left: readonly Order[]): RunReport {
    const { results, unreported, stopped } = this;
    return { results, unreported, left, stopped };
  }

  async #carryOutWave(wave: readonly Order[]): Promise<Order[]> {
    const { dataverse, onProgress } = this.deps;
    const begun = await this.record.begin(wave);
    if (begun === null) {
      this.stopped = "database";
      return [...wave];
    }
    const { attempts, notAfter } = begun;
    const results = await Promise.all(attempts.map(async (attempt) => {
      const answer = await dataverse.updateListing({ ...attempt, notAfter });
      const decision = answer.kind === "not_sent"
        ? NEVER_LEFT
        : decide(answer, { retryCount: attempt.retryCount, isLast: false }, NO_RETRY, 0);
      await this.record.conclude({ attempt, decision });
      return { attempt, decision };
    }));
    this.results.push(...results);
    const { unreported, isAway } = await this.record.end(results);
    this.unreported.push(...unreported);
    if (isAway) this.stopped = "database";
    const failed = results.filter(({ decision }) => decision.outcome !== "success").length;
    onProgress(results.length, failed);
    this.#failuresInARow = failed < results.length ? 0 : this.#failuresInARow + failed;
    this.stopped ??= await this.#apply(results);
    const claimed = new Set(attempts.map((attempt) => attempt.mentorId));
    return wave.filter((order) => !claimed.has(order.mentorId));
  }

  /** Waits out a throttle, and finds out whether anybody would get through. */
  async #apply(results: readonly AttemptResult[]): Promise<StopReason | null> {
    const { sleep, signal, note, isWelcome, words } = this.deps;
    const gates = results.map(({ decision }) => decision.gate);
    const seconds = Math.max(
      0,
      ...gates.map((gate) => gate.kind === "throttled" ? Math.max(gate.seconds, 1) : 0),
    );
    if (seconds > LONGEST_PAUSE_SECONDS) return "throttled";
    if (seconds > 0) {
      note(words.run.wait(Math.ceil(seconds)));
      await sleep(seconds, signal);
    } else if (this.#failuresInARow > 0) {
      const areRefused = gates.every(({ kind }) => kind !== "none");
      if (areRefused && !(await isWelcome())) return "credentials";
      if (this.#failuresInARow >= EVERYBODY) return "refused";
    }
    return signal.aborted ? "interrupted" : null;
  }
}

/** A person starts the tool again, so nothing is tried twice and only what is hopeless is given up. */
const NO_RETRY = { backoffSeconds: [], jitter: 0 };

const NEVER_LEFT: Decision = {
  outcome: "failure",
  errorMessage: "interrupted",
  responseCode: null,
  retryDelaySeconds: null,
  gate: { kind: "none" },
};

/** Removes first: a person who must not be shown any longer waits for nobody. */
function inWaves(orders: readonly Order[]): Order[][] {
  const waves: Order[][] = [];
  for (const operation of ["remove", "restore"] as const) {
    const some = orders.filter((order) => order.operation === operation);
    for (let start = 0; start < some.length; start += WAVE) {
      waves.push(some.slice(start, start + WAVE));
    }
  }
  return waves;
}

/** It ran, and not everything is in sync. */
export const NOT_IN_SYNC = 1;

/** 0 only when everything that was asked for is done and recorded. */
export function exitCode({ results, unreported, left, stopped }: RunReport): number {
  if (stopped === "interrupted") return EXIT_CODES.interrupted;
  const isDone = results.every(({ decision }) => decision.outcome === "success");
  const nothingIsLeft = stopped === null && left.length === 0 && unreported.length === 0;
  return isDone && nothingIsLeft ? 0 : NOT_IN_SYNC;
}

/** How many ids to print before cutting the list. */
const SHOWN_IDS = 200;

export function sayIds(
  { terminal, words }: Person,
  headline: string,
  ids: readonly string[],
): void {
  terminal.say(headline);
  for (const id of ids.slice(0, SHOWN_IDS)) terminal.say(`  ${id}`);
  if (ids.length > SHOWN_IDS) terminal.say(words.run.more(ids.length - SHOWN_IDS));
}

/** Has orders carried out with a progress bar, and says what became of them. */
export async function runInSight(
  person: Person,
  dynamics: Dynamics,
  orders: readonly Order[],
  carryOut: (deps: RunDependencies) => Promise<RunReport>,
): Promise<RunReport> {
  const { terminal, words } = person;
  const report = await underProgress(
    terminal,
    words.terminal,
    orders.length,
    (progress) =>
      carryOut({
        dataverse: dynamics.dataverse,
        isWelcome: async () => await checkCredentials(dynamics, words) === null,
        clock: systemClock,
        sleep: systemSleep,
        words,
        ...progress,
      }),
  );
  sayRun(person, report);
  return report;
}

/** What a run did, and each mentor that it failed for. */
function sayRun(person: Person, report: RunReport): void {
  const { terminal, words: { run } } = person;
  const { results, unreported, stopped, left } = report;
  const failed = results.filter(({ decision }) => decision.outcome !== "success");
  terminal.say(run.done(results.length - failed.length, failed.length));
  for (const { attempt, decision } of failed) {
    const { mentorId, operation } = attempt;
    terminal.say(run.failed(mentorId, operation, decision.outcome, decision.errorMessage));
  }
  if (unreported.length > 0) sayIds(person, run.unreported(unreported.length), unreported);
  if (stopped !== null) terminal.say(run.stopped[stopped]);
  if (left.length === 0) return;
  const ids = left.map(({ mentorId, operation }) => `${mentorId} ${operation}`);
  sayIds(person, run.left(ids.length), ids);
}
