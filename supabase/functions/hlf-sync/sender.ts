import type { Clock } from "../_shared/clock.ts";
import type { Decision } from "../_shared/dataverse/decide.ts";
import type { ClaimedAttempt } from "./queue.ts";

/** Claimed and not sent yet. */
interface Ready {
  readonly attempt: ClaimedAttempt;
  readonly leaseUntil: number;
  /** What waits longer than this may have been overtaken by a change, and is handed back instead. */
  readonly sendUntil: number;
}

/** What a sender works with. */
export interface SenderOptions {
  /** Measures leases and answers. */
  readonly clock: Clock;
  /** How many requests may be in flight now. */
  readonly limit: (operation: ClaimedAttempt["operation"]) => number;
  /** Sends one; null when its lease left no time. */
  readonly send: (attempt: ClaimedAttempt, leaseUntil: number) => Promise<Decision | null>;
  /** Dynamics answered. */
  readonly answered: (attempt: ClaimedAttempt, decision: Decision) => void;
  /** Something went wrong here; nobody knows whether Dynamics has it, so its lease recovers it. */
  readonly interrupted: (attempt: ClaimedAttempt) => void;
  /** A request has ended, and nothing is ready for the next place. */
  readonly freed: () => void;
}

/** Of a full set of places so many are never filled with restores, so that an urgent remove finds one free. */
export function placesForRemoves(places: number): number {
  return Math.floor(places / 12);
}

/** Sends what was claimed, as much at a time as there are places, removes first. */
export class Sender {
  /** Removes in front, each operation in the order in which it was claimed. */
  #ready: Ready[] = [];
  /** Waited for too long; to be handed back. */
  readonly #notSent: ClaimedAttempt[] = [];
  #inFlight = 0;
  /** When the last request ended, or the first was sent. */
  #silentSince = 0;
  #answerSeconds: number | null = null;

  /** Begins with nothing that is ready. */
  constructor(private readonly options: SenderOptions) {}

  /** How many are ready, of all or of one operation. */
  ready(only?: "remove"): number {
    return this.#ready.filter(({ attempt }) => !only || attempt.operation === only).length;
  }

  /** How many requests are under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** For how long none of them has ended. */
  get silentSeconds(): number {
    return this.#inFlight === 0 ? 0 : (this.#now() - this.#silentSince) / 1000;
  }

  /** How long answers of Dynamics take of late; null before the first. */
  get answerSeconds(): number | null {
    return this.#answerSeconds;
  }

  /** When the next attempt has been ready for too long. */
  get staleAt(): number {
    return Math.min(...this.#ready.map(({ sendUntil }) => sendUntil));
  }

  /**
   * Takes what was claimed, and sends it as places become free.
   *
   * @param leaseUntil on the monotonic clock, counted from before the claim was asked for
   * @param sendUntil likewise: what has not been sent by then is to be handed back
   */
  add(attempts: readonly ClaimedAttempt[], leaseUntil: number, sendUntil: number): void {
    const all = [
      ...this.#ready,
      ...attempts.map((attempt) => ({ attempt, leaseUntil, sendUntil })),
    ];
    const isRemove = ({ attempt }: Ready) => attempt.operation === "remove";
    this.#ready = [...all.filter(isRemove), ...all.filter((one) => !isRemove(one))];
    this.sendReady();
  }

  /** Fills the places that are free. */
  sendReady(): void {
    for (let next = this.#ready[0]; next !== undefined; next = this.#ready[0]) {
      const limit = this.options.limit(next.attempt.operation);
      const kept = next.attempt.operation === "remove" ? 0 : placesForRemoves(limit);
      if (this.#inFlight >= limit - kept) return;
      this.#ready.shift();
      if (next.sendUntil <= this.#now()) this.#notSent.push(next.attempt);
      else void this.#send(next);
    }
  }

  /** What cannot be sent any more, or, with `all`, nothing that is ready shall be; it is the caller's to hand back. */
  takeBack({ all }: { readonly all: boolean }): ClaimedAttempt[] {
    const now = this.#now();
    const isOver = ({ sendUntil }: Ready) => all || sendUntil <= now;
    const taken = this.#ready.filter(isOver).map(({ attempt }) => attempt);
    this.#ready = this.#ready.filter((one) => !isOver(one));
    return [...this.#notSent.splice(0), ...taken];
  }

  async #send({ attempt, leaseUntil }: Ready): Promise<void> {
    const { send, answered, interrupted, freed } = this.options;
    const startedAt = this.#now();
    if (this.#inFlight++ === 0) this.#silentSince = startedAt;
    try {
      const decision = await send(attempt, leaseUntil);
      if (decision === null) {
        this.#notSent.push(attempt);
      } else {
        const seconds = (this.#now() - startedAt) / 1000;
        this.#answerSeconds ??= seconds;
        this.#answerSeconds += (seconds - this.#answerSeconds) / 20;
        answered(attempt, decision);
      }
    } catch {
      interrupted(attempt);
    } finally {
      this.#inFlight--;
      this.#silentSince = this.#now();
      this.sendReady();
      if (this.#ready.length === 0) freed();
    }
  }

  #now(): number {
    return this.options.clock.monotonic();
  }
}
