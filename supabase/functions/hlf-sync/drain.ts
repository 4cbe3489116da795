import { describe } from "../_shared/errors.ts";
import { type AttemptDependencies, tellDatabase, tellDynamics } from "./attempt.ts";
import type { Decision } from "../_shared/dataverse/decide.ts";
import type { ClaimedAhead, ClaimedAttempt } from "./queue.ts";
import { placesForRemoves, Sender } from "./sender.ts";
import { Wake } from "./wake.ts";

/** What a drain works with. */
export interface DrainDependencies extends AttemptDependencies {
  /** After so many claims an isolate leaves the rest to others, as it has only so much processor time. */
  readonly mostClaims: number;
  /** How long work may go on from now, in seconds. */
  readonly timeBudget: () => number;
}

/** Waits between requests for a token while Entra is out of reach. */
const TOKEN_RETRY_SECONDS = [1, 3, 10, 30];
/** Waits while the database is away, the last of them as often as there is time. */
const DATABASE_RETRY_SECONDS = [0.5, 2, 5, 5];
/** While the app has a mentor locked. */
const HAND_BACK_RETRY_SECONDS = [0.2, 1, 3];
/** A restart of REST, during which what is ready becomes too old, takes some ten seconds; what is not handed back waits for its lease. */
const HAND_BACK_PATIENCE_SECONDS = 30;
/** Backoff after empty claims while somebody is due: other workers use up the places, or the app has the mentor locked. */
const CONTENTION_SECONDS = [0, 0.2, 0.5, 1, 2, 5];
/** In a backlog the queue is asked for urgent removes so long after each claim: a share of what an answer of Dynamics takes. */
const LOOK = { share: 1 / 6, least: 0.01, most: 0.5 } as const;
/** Of restores, after the first claim of a pass: an urgent remove would wait for more of them, in its own claim or before it. */
const LARGEST_CLAIM = 20;
/** For each place: the database hands out no more until some are settled, and fewer while others have some under way. */
const MOST_OPEN = 4;
/** An isolate that is asked after its last claim was not retired: it claims so often in each pass, so that it can be between two. */
const LEAST_CLAIMS = 30;

/**
 * Works off everything that is due, and what falls due while there is time. One drain runs in an isolate, so that its
 * places hold; a caller who asks for another makes this one look again.
 *
 * Three things go on beside each other and none waits for another: claiming, here, ahead of what can be sent; sending
 * ({@linkcode Sender}); and settling (`Settler`), in batches.
 */
export class Drain {
  readonly #worker = crypto.randomUUID();
  readonly #sender: Sender;
  readonly #wake: Wake;
  #running: Promise<void> | null = null;
  #deadline = 0;
  #isStopped = false;
  /** How many more claims this isolate has processor time for. */
  #left: number;
  #lookAgain = false;
  #pass = new Pass();
  #places: number;
  #claimSeconds = 0;
  readonly #claims = { number: 0, lost: [] as number[] };
  /** Answered by Dynamics, and the database is being told. */
  #unsettled = 0;
  #tally = { attempts: 0, succeeded: 0, dead_lettered: 0 };

  /** Begins with nothing; {@linkcode Drain.drain} sets it to work. */
  constructor(private readonly deps: DrainDependencies) {
    this.#wake = new Wake(deps.sleep);
    this.#places = deps.settings.concurrency;
    this.#left = deps.mostClaims;
    this.#sender = new Sender({
      clock: deps.clock,
      limit: (operation) => this.#limit(operation),
      send: (attempt, leaseUntil) => tellDynamics(deps, attempt, leaseUntil),
      answered: (attempt, decision) => void this.#settle(attempt, decision),
      interrupted: ({ attemptId }) =>
        deps.log({ level: "error", event: "attempt_interrupted", attempt_ids: [attemptId] }),
      freed: () => this.#wake.signal(),
    });
  }

  /** Resolves when everything is done that was due when it was called, or its time is up. */
  drain(): Promise<void> {
    if (this.#isStopped) return this.#running ?? Promise.resolve();
    this.#deadline = Math.max(this.#deadline, this.#now() + this.deps.timeBudget() * 1000);
    this.#lookAgain = true;
    this.#wake.signal();
    this.#running ??= this.#run();
    return this.#running;
  }

  /** No more is claimed or sent, and what was not sent is handed back. After `forGood` nobody who asks changes that. */
  stop({ forGood } = { forGood: true }): void {
    this.#deadline = -Infinity;
    this.#isStopped ||= forGood;
    this.#pass.isOver = true;
    this.#wake.signal();
  }

  async #run(): Promise<void> {
    const startedAt = this.#now();
    this.#tally = { attempts: 0, succeeded: 0, dead_lettered: 0 };
    try {
      // Between the last look at the flag and the end nothing is awaited, so no wake-up gets lost.
      while (this.#lookAgain && this.#hasTime()) {
        this.#pass = new Pass();
        this.#left = Math.max(this.#left, LEAST_CLAIMS);
        try {
          while (await this.#step());
        } finally {
          await this.#leave();
        }
      }
    } finally {
      this.#running = null;
    }
    if (this.#tally.attempts === 0) return;
    const seconds = Math.round(this.#now() - startedAt) / 1000;
    this.deps.log({ level: "info", event: "drain_finished", ...this.#tally, seconds });
  }

  /** @returns whether there is more to do in this pass */
  async #step(): Promise<boolean> {
    const pass = this.#pass;
    // After the last claim, whoever asked since it is not in it, and gets the next pass.
    if (pass.isOver || this.#left <= 0 || !this.#hasTime()) return false;
    if (this.#lookAgain) {
      pass.lookAt = -Infinity;
      // Whoever calls may have mended what the gate is closed for, and is to find out now, not with the next call.
      pass.hasReopened = false;
    }

    await this.#handBack(this.#sender.takeBack({ all: pass.isHeld }));
    if (pass.isHeld) pass.lookAt = -Infinity;
    pass.isHeld = false;
    this.#sender.sendReady();

    const lookAt = Math.min(pass.lookAt, pass.dueAt);
    const { batchSize, moreRemoves } = this.#amount();
    const mayClaim = batchSize + moreRemoves > 0;
    if (lookAt <= this.#now() && mayClaim) return await this.#claim();
    if (this.#open === 0 && lookAt >= this.#deadline) return false;
    // It may be a press whose result cannot be told, and a press wakes nobody.
    const atMost = this.deps.settler.isStuck("restore") ? this.#now() + 1000 : this.#deadline;
    const until = Math.min(mayClaim ? lookAt : Infinity, this.#sender.staleAt, atMost);
    await this.#wake.wait((until - this.#now()) / 1000);
    return true;
  }

  async #claim(): Promise<boolean> {
    const { queue, gate, tokens, log, settings } = this.deps;
    // Only now: whoever calls while nothing may be claimed is not forgotten, and gets the next pass if this one is over.
    this.#lookAgain = false;
    const token = await tokens.get();
    if (token.kind === "rejected") {
      await gate.rejectCredentials(token);
      return false;
    }
    if (token.kind === "unavailable") {
      const least = TOKEN_RETRY_SECONDS[this.#pass.tokenFaults++] ?? Infinity;
      const seconds = Math.max(least, token.retryAfterSeconds ?? 0);
      if (this.#hasTime(seconds)) return this.#lookIn(seconds);
      log({ level: "error", event: "token_unavailable", class: token.class });
      return false;
    }
    this.#pass.tokenFaults = 0;
    if (!this.#hasTime()) return false;

    const claimedAt = this.#now();
    const amount = this.#amount();
    // What is settled from here on may not be in this claim's sight.
    this.#pass.dueAt = Infinity;
    this.#pass.isShut = false;
    let claim;
    try {
      this.#claims.number++;
      const own = { worker: this.#worker, claim: this.#claims };
      claim = await queue.claimAhead({ ...own, ...amount, ...settings });
    } catch (error) {
      this.#claims.lost.push(this.#claims.number);
      return this.#retryDatabase(error);
    }
    this.#pass.databaseFaults = 0;
    this.#claimSeconds += ((this.#now() - claimedAt) / 1000 - this.#claimSeconds) / 4;
    this.#left -= claim.attempts.length > 0 ? 1 : 0.25;
    this.#pass.isFirst = false;
    this.#pass.hasMore = claim.has_more;
    if (!claim.is_elsewhere) this.#places = claim.places;
    const until = (seconds: number) => claimedAt + seconds * 1000;
    this.#sender.add(claim.attempts, until(settings.leaseSeconds), until(claim.ready_seconds));
    return await this.#planNext(claim, amount.batchSize);
  }

  async #planNext(claim: ClaimedAhead, batchSize: number): Promise<boolean> {
    const { gate_reason: gateReason } = claim;
    const isEmpty = claim.attempts.length === 0;
    if (!isEmpty) this.#pass.emptyClaims = 0;
    if (gateReason !== null) await this.#handBack(this.#sender.takeBack({ all: true }));
    if (gateReason === "credentials" || gateReason === "settings") {
      if (this.#open === 0) return await this.#reopen(gateReason);
      this.#pass.isShut = true;
      return this.#lookIn(1);
    }
    if (claim.is_elsewhere) return this.#lookIn(Math.max(claim.seconds ?? 0, 0.05));
    // What this worker's own attempts take up is free again before any backoff would be over.
    const isOwnFull = this.#open > 0 && !claim.seconds;
    if (claim.has_more && (!isEmpty || batchSize === 0 || isOwnFull)) {
      // With room for half a claim, places would soon be empty for want of attempts.
      const isFull = claim.attempts.length >= batchSize;
      const isBehind = isFull && this.#amount().batchSize >= LARGEST_CLAIM / 2;
      return this.#lookIn(isBehind ? 0 : this.#lookSeconds());
    }
    if (isEmpty) this.#pass.emptyClaims++;
    const atLeast = CONTENTION_SECONDS[this.#pass.emptyClaims] ?? CONTENTION_SECONDS.at(-1);
    const isOver = claim.seconds === null && !claim.has_more;
    return this.#lookIn(isOver ? Infinity : Math.max(claim.seconds ?? 0, atLeast ?? 0));
  }

  async #reopen(reason: "credentials" | "settings"): Promise<boolean> {
    // At most once per pass: WhoAmI may succeed although updates are refused, and that must not loop.
    if (this.#pass.hasReopened || !(await this.deps.gate.reopen(reason))) return false;
    this.#pass.hasReopened = this.#pass.isProbing = true;
    return this.#lookIn(0);
  }

  async #settle(attempt: ClaimedAttempt, provisional: Decision): Promise<void> {
    if (provisional.gate.kind === "credentials") this.#pass.isOver = true;
    if (provisional.gate.kind !== "none") this.#pass.isHeld = true;
    this.#unsettled++;
    const { decision, settled } = await tellDatabase(this.deps, attempt, provisional);
    this.#unsettled--;
    this.#tally.attempts++;
    if (decision.outcome === "success") this.#tally.succeeded++;
    if (decision.outcome === "dead_lettered") this.#tally.dead_lettered++;
    if (this.#pass.isShut && this.#open === 0) this.#pass.lookAt = -Infinity;
    // What could not be settled is in the database's hands; claiming more would only add to it.
    if (settled.result === "lost") this.#pass.isOver = true;
    if (!decision.isProvisional) this.#pass.isProbing = false;
    if (settled.dueInSeconds !== null) {
      this.#pass.dueAt = Math.min(this.#pass.dueAt, this.#now() + settled.dueInSeconds * 1000);
    }
    this.#sender.sendReady();
    this.#wake.signal();
  }

  /** How many requests may be in flight. */
  #limit(operation: ClaimedAttempt["operation"] = "restore"): number {
    if (this.#pass.isOver || this.#pass.isHeld || this.deps.settler.isStuck(operation)) return 0;
    // What the probe has shown is known once it is settled: the refusal of a second one would be in vain.
    if (this.#pass.isProbing) return this.#unsettled > 0 ? 0 : 1;
    return Math.min(this.#places, this.deps.settings.concurrency);
  }

  /**
   * How many could be claimed: what is free, and, as a place waits for no round trip, what is sent until the next claim is
   * answered (Little's law).
   */
  #room(): number {
    // Without a place, other workers may have given one back.
    const limit = this.#places === 0 ? 1 : this.#limit();
    const { answerSeconds } = this.#sender;
    const period = 2 * this.#claimSeconds + this.#lookSeconds();
    const ahead = answerSeconds === null || this.#pass.isProbing || !this.#pass.hasMore
      ? 0
      : Math.min(Math.ceil(limit * period / answerSeconds), 2 * limit);
    const handedOut = MOST_OPEN * limit - placesForRemoves(limit);
    const most = Math.min(limit + ahead + this.#unsettled, handedOut);
    return Math.max(most - this.#open, 0);
  }

  /** How much to claim now. Those that the batch leaves out may all be removes: nobody who is more urgent waits for them. */
  #amount(): { readonly batchSize: number; readonly moreRemoves: number } {
    const limit = this.#limit("remove");
    const room = this.#room();
    const largest = this.#pass.isFirst ? Math.max(limit, 1) : LARGEST_CLAIM;
    const batchSize = Math.min(room, largest);
    if (this.#pass.isProbing) return { batchSize, moreRemoves: 0 };
    const kept = placesForRemoves(limit) - this.#sender.ready("remove");
    const more = Math.min(kept, MOST_OPEN * limit - this.#open);
    return { batchSize, moreRemoves: Math.max(more, room - batchSize, 0) };
  }

  #lookSeconds(): number {
    const { share, least, most } = LOOK;
    const { answerSeconds, silentSeconds } = this.#sender;
    // Where none has come for long, answers take longer now.
    return Math.min(Math.max((answerSeconds ?? 0) * share, silentSeconds * share, least), most);
  }

  /** How many are claimed and not settled. */
  get #open(): number {
    return this.#sender.inFlight + this.#sender.ready() + this.#unsettled;
  }

  /** What a lost claim has taken the next one undoes. It may have the backlog, too: the end hands that back. */
  #retryDatabase(error: unknown): boolean {
    this.#pass.hasMore = true;
    const last = DATABASE_RETRY_SECONDS.length - 1;
    const tries = this.#pass.databaseFaults++;
    const seconds = DATABASE_RETRY_SECONDS[Math.min(tries, last)] ?? 0;
    // Once for all in a row; a restart of REST takes seconds and is worth no line.
    if (tries === last || (tries < last && !this.#hasTime(seconds))) {
      this.deps.log({ level: "error", event: "claim_failed", ...describe(error) });
    }
    return this.#lookIn(seconds);
  }

  async #handBack(attempts: readonly ClaimedAttempt[], isEnd = false): Promise<void> {
    if (attempts.length === 0 && !isEnd) return;
    const { queue, log } = this.deps;
    let ids: readonly string[] = attempts.map(({ attemptId }) => attemptId);
    const until = this.#now() + HAND_BACK_PATIENCE_SECONDS * 1000;
    const waits = [...HAND_BACK_RETRY_SECONDS];
    do {
      let seconds: number | undefined = 2;
      try {
        ids = await queue.handBack(this.#worker, ids);
        seconds = waits.shift();
      } catch {
        // Again, and in the end their leases recover them.
      }
      if (ids.length === 0 || seconds === undefined || this.#now() >= until) break;
      await this.deps.sleep(seconds);
    } while (true);
    if (ids.length > 0) log({ level: "warning", event: "attempt_not_sent", attempt_ids: ids });
    this.#pass.lookAt = -Infinity;
  }

  /** Another worker may go on while what is in flight here is waited for. */
  async #leave(): Promise<void> {
    await this.#handBack(this.#sender.takeBack({ all: true }), this.#pass.hasMore);
    while (this.#open > 0 && !(this.#lookAgain && this.#hasTime())) {
      await this.#wake.wait(60);
    }
    await this.#handBack(this.#sender.takeBack({ all: true }));
  }

  #lookIn(seconds: number): true {
    this.#pass.lookAt = this.#now() + seconds * 1000;
    return true;
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
  /** When to claim next. */
  lookAt = -Infinity;
  /** When one of those who were settled since the last claim is due again. */
  dueAt = Infinity;
  isFirst = true;
  hasMore = false;
  /** The gate is closing: nothing more is sent before the queue was asked. */
  isHeld = false;
  /** The gate is closed, and may be opened once nothing is under way any more. */
  isShut = false;
  /** After the gate was opened, one attempt shows whether it may stay so. */
  isProbing = false;
  hasReopened = false;
  /** Nothing more is to be claimed, whatever is due. */
  isOver = false;
  tokenFaults = 0;
  databaseFaults = 0;
  emptyClaims = 0;
}
