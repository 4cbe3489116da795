import type { AuditLogWriter } from "../_shared/audit_log.ts";
import type { Clock, Sleep } from "../_shared/clock.ts";
import type { TokenSource } from "../_shared/dataverse/token.ts";
import { describe } from "../_shared/errors.ts";
import { type AttemptDependencies, type AttemptReport, runAttempt } from "./attempt.ts";
import type { ClaimedAttempt, ClaimOptions, Queue, Settlement } from "./queue.ts";
import type { ClaimAlong } from "./settler.ts";
import { Wake } from "./wake.ts";

/** What a drain works with. */
export interface DrainDependencies extends AttemptDependencies {
  /** What is due. */
  readonly queue: Queue;
  /** Is asked before anything is claimed. */
  readonly tokens: TokenSource;
  /** Takes the audit rows. */
  readonly audit: AuditLogWriter;
  /** Measures the lease and the time budget. */
  readonly clock: Clock;
  /** Waits for the next due time. */
  readonly sleep: Sleep;
  /** How long work may go on from now, in seconds. */
  readonly timeBudget: () => number;
}

/** Waits between requests for a token while Entra is out of reach. */
const TOKEN_RETRY_SECONDS = [1, 3, 10, 30];
/** Waits while the database is away, the last of them as often as there is time. */
const DATABASE_RETRY_SECONDS = [0.5, 2, 5];
/**
 * Waits after so many empty claims although something is due: other workers use up what is allowed.
 */
const CONTENTION_SECONDS = [0, 0.2, 0.5, 1, 2, 5];

/**
 * Works off everything that is due, and what falls due while there is time. One drain runs in an
 * isolate, so that the concurrency holds; whoever asks for another makes this one look again.
 */
export class Drain {
  #running: Promise<void> | null = null;
  #deadline = 0;
  #lookAgain = false;
  /** Ids of attempts that are not settled yet. */
  readonly #underWay = new Set<string>();
  /** How many more are being asked for while others are settled. */
  #reserved = 0;
  #pass: Pass | null = null;
  #nextRetryAt = Infinity;
  #tally = { attempts: 0, succeeded: 0, dead_lettered: 0 };
  readonly #wake: Wake;

  /** The settler asks this drain, from now on, what to claim along. */
  constructor(private readonly deps: DrainDependencies) {
    this.#wake = new Wake(deps.sleep);
    deps.settler.claimFor({
      hasBacklog: () => this.#pass?.wasFull ?? false,
      claimAlong: (settlements) => this.#claimAlong(settlements),
    });
  }

  /** Resolves when everything is done that was due when it was called, or its time is up. */
  drain(): Promise<void> {
    this.#deadline = Math.max(this.#deadline, this.#now() + this.deps.timeBudget() * 1000);
    this.#lookAgain = true;
    this.#wake.signal();
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    const startedAt = this.#now();
    this.#tally = { attempts: 0, succeeded: 0, dead_lettered: 0 };
    try {
      // Between the last look at the flag and the end nothing is awaited, so no wake-up gets lost.
      while (this.#lookAgain && this.#hasTime()) {
        const pass = this.#pass = new Pass();
        while (await this.#step(pass));
        await this.#finishAttempts();
      }
    } finally {
      this.#running = this.#pass = null;
    }
    if (this.#tally.attempts > 0) {
      const seconds = Math.round(this.#now() - startedAt) / 1000;
      this.deps.log({ level: "info", event: "drain_finished", ...this.#tally, seconds });
    }
  }

  /** @returns whether there is more to do in this pass */
  async #step(pass: Pass): Promise<boolean> {
    this.#wake.reset();
    if (this.#lookAgain) {
      this.#lookAgain = false;
      pass.mayClaim = true;
    }
    if (pass.isOver || !this.#hasTime()) return false;

    const free = this.#free(pass);
    if (pass.mayClaim && free > 0) return await this.#claim(pass, free);
    if (this.#underWay.size > 0) {
      await this.#wake.wait((Math.min(this.#nextRetryAt, this.#deadline) - this.#now()) / 1000);
      if (this.#nextRetryAt <= this.#now()) this.#nextRetryAt = Infinity;
      // While others are still under way the wait for them says nothing about what else is due.
      pass.mayClaim = pass.wasFull || this.#underWay.size > 0;
      return true;
    }
    return await this.#awaitDue(pass);
  }

  async #claim(pass: Pass, free: number): Promise<boolean> {
    const { queue, gate, tokens, log } = this.deps;
    const token = await tokens.get();
    if (token.kind === "rejected") {
      await gate.rejectCredentials(token);
      return false;
    }
    if (token.kind === "unavailable") {
      const seconds = Math.max(
        TOKEN_RETRY_SECONDS[pass.tokenFaults++] ?? Infinity,
        token.retryAfterSeconds ?? 0,
      );
      if (this.#hasTime(seconds)) return await this.#pause(seconds);
      log({ level: "error", event: "token_unavailable", class: token.class });
      return false;
    }
    pass.tokenFaults = 0;

    const claim = this.#claimOptions(free);
    const leaseUntil = this.#leaseUntil();
    try {
      this.#start(pass, free, await queue.claim(claim), leaseUntil);
    } catch (error) {
      return await this.#retryDatabase(pass, "claim_failed", error);
    }
    pass.databaseFaults = 0;
    return true;
  }

  #start(
    pass: Pass,
    wanted: number,
    attempts: readonly ClaimedAttempt[],
    leaseUntil: number,
  ): void {
    pass.emptyClaims = attempts.length > 0 ? 0 : pass.emptyClaims + 1;
    pass.wasFull = attempts.length >= wanted;
    pass.mayClaim = pass.wasFull;
    for (const attempt of attempts) {
      const { attemptId } = attempt;
      this.#underWay.add(attemptId);
      const running = runAttempt(this.deps, attempt, leaseUntil)
        .then((report) => this.#note(pass, report))
        .catch(() => {
          const attempt_ids = [attemptId];
          this.deps.log({ level: "error", event: "attempt_interrupted", attempt_ids });
        });
      void running.then(() => {
        this.#underWay.delete(attemptId);
        this.#wake.signal();
      });
    }
  }

  /** In a backlog, what is settled is replaced in the same round trip. */
  #claimAlong(settlements: readonly Settlement[]): ClaimAlong | null {
    const pass = this.#pass;
    if (pass === null || !pass.wasFull || pass.isOver || !this.#hasTime()) return null;
    // Whatever says that credentials are in doubt is for #claim, which looks at them first; a refusal is settled alone,
    // as its answer says what the database made of it.
    const inDoubt = settlements.some(({ decision }) =>
      decision.gate.kind === "credentials" || decision.isProvisional
    );
    if (inDoubt || !this.deps.tokens.isReady()) return null;
    // Those of a force sync are settled here too, but were never counted.
    const ours = settlements.filter(({ attemptId }) => this.#underWay.has(attemptId)).length;
    const free = this.#free(pass) + ours;
    if (free <= 0) return null;

    this.#reserved += free;
    const leaseUntil = this.#leaseUntil();
    return {
      options: this.#claimOptions(free),
      take: (attempts) => {
        this.#reserved -= free;
        if (attempts !== null) this.#start(pass, free, attempts, leaseUntil);
      },
    };
  }

  #free(pass: Pass): number {
    const slots = pass.isProbing ? 1 : this.deps.settings.concurrency;
    return slots - this.#underWay.size - this.#reserved;
  }

  #claimOptions(batchSize: number): ClaimOptions {
    const { leaseSeconds, maxAttempts } = this.deps.settings;
    return { batchSize, leaseSeconds, maxAttempts };
  }

  /** Counted from before the claim is asked for, so it never ends after the database's. */
  #leaseUntil(): number {
    return this.#now() + this.deps.settings.leaseSeconds * 1000;
  }

  #note(pass: Pass, report: AttemptReport | null): void {
    if (report === null) return;
    const { outcome, gate, retryDelaySeconds } = report.decision;
    this.#tally.attempts++;
    if (outcome === "success") this.#tally.succeeded++;
    if (outcome === "dead_lettered") this.#tally.dead_lettered++;
    // What could not be settled is in the database's hands; claiming more would only add to it.
    if (gate.kind === "credentials" || report.settled === "lost") pass.isOver = true;
    else if (!report.decision.isProvisional) pass.isProbing = false;
    if (retryDelaySeconds !== null) {
      const retryAt = this.#now() + retryDelaySeconds * 1000;
      this.#nextRetryAt = Math.min(this.#nextRetryAt, retryAt);
    }
  }

  /** Nothing is under way: how long until there is? */
  async #awaitDue(pass: Pass): Promise<boolean> {
    const { queue, gate } = this.deps;
    let wait;
    try {
      wait = await queue.wait();
    } catch (error) {
      return await this.#retryDatabase(pass, "wait_failed", error);
    }
    pass.databaseFaults = 0;
    if (wait.gateReason === "credentials" || wait.gateReason === "settings") {
      // Once in a pass: a check that passes although requests are refused must not go round.
      if (pass.hasReopened || !(await gate.reopen(wait.gateReason))) return false;
      pass.hasReopened = pass.isProbing = pass.mayClaim = true;
      return true;
    }
    if (wait.seconds === null) return false;
    const atLeast = CONTENTION_SECONDS[Math.min(pass.emptyClaims, CONTENTION_SECONDS.length - 1)];
    const seconds = Math.max(wait.seconds, atLeast ?? 0);
    if (!this.#hasTime(seconds)) return false;
    pass.mayClaim = true;
    return await this.#pause(seconds);
  }

  /** What a lost claim has taken is leased, so asking again does no harm. */
  async #retryDatabase(
    pass: Pass,
    event: "claim_failed" | "wait_failed",
    error: unknown,
  ): Promise<boolean> {
    const tries = pass.databaseFaults++;
    const seconds = DATABASE_RETRY_SECONDS[tries] ?? 5;
    // Once for all in a row; a restart of REST takes seconds and is worth no line.
    const isLong = tries === DATABASE_RETRY_SECONDS.length;
    if (isLong) this.deps.log({ level: "error", event, ...describe(error) });
    if (this.#hasTime(seconds)) return await this.#pause(seconds);
    if (tries < DATABASE_RETRY_SECONDS.length) {
      this.deps.log({ level: "error", event, ...describe(error) });
    }
    return false;
  }

  async #pause(seconds: number): Promise<true> {
    await this.#wake.wait(seconds);
    return true;
  }

  async #finishAttempts(): Promise<void> {
    while (this.#underWay.size > 0) await this.#wake.wait(60);
  }

  #now(): number {
    return this.deps.clock.monotonic();
  }

  #hasTime(seconds = 0): boolean {
    return this.#now() + seconds * 1000 < this.#deadline;
  }
}

/** What one look at the queue knows; the next starts without prejudice. */
class Pass {
  mayClaim = true;
  wasFull = false;
  hasReopened = false;
  /** After the gate was opened, one attempt shows whether it may stay so. */
  isProbing = false;
  /** Nothing more is to be claimed, whatever is due. */
  isOver = false;
  tokenFaults = 0;
  databaseFaults = 0;
  emptyClaims = 0;
}
