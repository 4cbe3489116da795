import { setImmediate } from "node:timers";
import type { Clock, Sleep } from "./clock.ts";
import type { Log, LogEntry } from "./log.ts";

/**
 * Time for tests: it stands still until everything that can go on has gone on, then jumps to the
 * next moment that somebody sleeps for.
 */
export class FakeTime implements Clock {
  #milliseconds = 1_000_000;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  /** 1 March 2027, 12:00 UTC at the start. */
  epoch(): number {
    return Date.UTC(2027, 2, 1, 12) + this.#milliseconds - 1_000_000;
  }

  monotonic(): number {
    return this.#milliseconds;
  }

  advance(seconds: number): void {
    this.#milliseconds += seconds * 1000;
  }

  readonly sleep: Sleep = (seconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { at: this.#milliseconds + Math.max(seconds, 0) * 1000, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
    });

  /** Lets time pass until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    promise.then(() => isSettled = true, () => isSettled = true);
    for (;;) {
      await flushPromises();
      if (isSettled) return await promise;
      if (!this.#step()) throw new Error("Cannot go on: nobody sleeps and nothing moves");
    }
  }

  /** Lets everything go on that needs no time, then so many seconds pass. */
  async pass(seconds: number): Promise<void> {
    const end = this.#milliseconds + seconds * 1000;
    await flushPromises();
    while (this.#step(end)) await flushPromises();
    this.#milliseconds = end;
  }

  #step(end = Infinity): boolean {
    const next = this.#sleepers.toSorted((a, b) => a.at - b.at)[0];
    if (next === undefined || next.at > end) return false;
    this.#sleepers = this.#sleepers.filter((other) => other !== next);
    this.#milliseconds = Math.max(this.#milliseconds, next.at);
    next.wake();
    return true;
  }
}

/** Lets promises and streams go on as far as they can without time. */
export async function flushPromises(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Collects what would be logged. */
export function fakeLog(): { readonly log: Log; readonly entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  return { log: (entry) => entries.push(entry), entries };
}

export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly redirect: RequestRedirect;
}

/** A `fetch` that answers from a function and remembers what was sent. */
export function fakeFetch(
  answer: (request: SentRequest, count: number) => Response | Promise<Response>,
): { readonly fetch: typeof globalThis.fetch; readonly sent: SentRequest[] } {
  const sent: SentRequest[] = [];
  return {
    sent,
    fetch: async (input, init) => {
      const request = new Request(input, { ...init, signal: null });
      const { method, url, headers, redirect } = request;
      const entry = { method, url, headers, redirect, body: await request.text() };
      sent.push(entry);
      return await answer(entry, sent.length);
    },
  };
}
