import { SlidingWindow } from "./sliding_window.ts";

/** The three service protection limits; null switches one off. */
export interface LimitSettings {
  /** Requests admitted in a window. */
  requestsPerWindow: number | null;
  /** Length of the sliding window, in seconds. */
  windowSeconds: number;
  /** Seconds of work that requests may add up to in a window. */
  executionSecondsPerWindow: number | null;
  /** Requests in flight at once; the one above it is refused. */
  maxConcurrent: number | null;
}

/**
 * What Dataverse grants one application user on one web server.
 *
 * @see https://learn.microsoft.com/power-apps/developer/data-platform/api-limits
 */
export const DEFAULT_LIMITS: Readonly<LimitSettings> = {
  requestsPerWindow: 6_000,
  windowSeconds: 300,
  executionSecondsPerWindow: 1_200,
  maxConcurrent: 52,
};

/** A 429. */
export interface Refusal {
  readonly code: "0x80072322" | "0x80072321" | "0x80072326";
  readonly message: string;
  readonly retryAfterSeconds: number;
}

/** A request that was let in; give it back with `leave()`. */
export interface Admission {
  readonly startedAt: number;
}

/**
 * Counts requests as Dataverse does. Once requests or work are used up, everything is refused until
 * the announced time, and each request sent before then makes that time later: by a three hundredth
 * of the window (one second of Dataverse's five minutes), up to a whole window from now.
 */
export class RequestLimits {
  #settings: LimitSettings;
  #admitted = new SlidingWindow();
  #work = new SlidingWindow();
  #inFlight = 0;
  #closedUntil = 0;
  #announcedUntil = 0;
  #pressure = 0;
  #reason: "0x80072322" | "0x80072321" = "0x80072322";

  constructor(settings: LimitSettings) {
    this.#settings = { ...settings };
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** New limits; what was counted so far is forgotten, requests in flight are not. */
  configure(settings: LimitSettings): void {
    this.#settings = { ...settings };
    this.#admitted = new SlidingWindow();
    this.#work = new SlidingWindow();
    this.#closedUntil = 0;
    this.#announcedUntil = 0;
    this.#pressure = 0;
  }

  /** Asks to start a request at `now`, in milliseconds. */
  enter(now: number): Admission | Refusal {
    const windowMs = this.#settings.windowSeconds * 1_000;
    this.#admitted.forget(now - windowMs);
    this.#work.forget(now - windowMs);
    const { requestsPerWindow, executionSecondsPerWindow, maxConcurrent } = this.#settings;

    if (now < this.#closedUntil) return this.#close(now, this.#closedUntil, this.#reason);
    if (requestsPerWindow !== null && this.#admitted.count >= requestsPerWindow) {
      const roomAt = this.#admitted.timeWithAtMost(requestsPerWindow - 1, windowMs) ?? now;
      return this.#close(now, roomAt, "0x80072322");
    }
    if (executionSecondsPerWindow !== null && this.#work.seconds >= executionSecondsPerWindow) {
      const roomAt = this.#work.timeWithLessWorkThan(executionSecondsPerWindow, windowMs) ?? now;
      return this.#close(now, roomAt, "0x80072321");
    }
    if (maxConcurrent !== null && this.#inFlight >= maxConcurrent) {
      const wait = 1 + this.#pressure * this.#pressureStepSeconds;
      return this.#refuse(now, Math.min(wait, this.#settings.windowSeconds), "0x80072326");
    }
    if (now >= this.#announcedUntil) this.#pressure = 0;
    this.#inFlight += 1;
    this.#admitted.add({ at: now, seconds: 0 });
    return { startedAt: now };
  }

  /** Ends a request that was let in. */
  leave(admission: Admission, now: number): void {
    this.#inFlight -= 1;
    this.#work.add({ at: now, seconds: (now - admission.startedAt) / 1_000 });
  }

  #close(now: number, until: number, reason: "0x80072322" | "0x80072321"): Refusal {
    const step = this.#pressure === 0 ? 0 : this.#pressureStepSeconds;
    const wait = Math.min((until - now) / 1_000 + step, this.#settings.windowSeconds);
    this.#closedUntil = now + wait * 1_000;
    this.#reason = reason;
    return this.#refuse(now, wait, reason);
  }

  #refuse(now: number, waitSeconds: number, code: Refusal["code"]): Refusal {
    // Whole seconds are announced, so rounding up never sends a patient client back too early.
    const retryAfterSeconds = Math.max(1, Math.ceil(waitSeconds));
    this.#pressure += 1;
    this.#announcedUntil = Math.max(this.#announcedUntil, now + retryAfterSeconds * 1_000);
    return { code, retryAfterSeconds, message: this.#message(code) };
  }

  get #pressureStepSeconds(): number {
    return this.#settings.windowSeconds / 300;
  }

  #message(code: Refusal["code"]): string {
    const { requestsPerWindow, windowSeconds, executionSecondsPerWindow, maxConcurrent } =
      this.#settings;
    const window = `over time window of ${windowSeconds} seconds`;
    switch (code) {
      case "0x80072322":
        return `Number of requests exceeded the limit of ${requestsPerWindow} ${window}.`;
      case "0x80072321":
        return "Combined execution time of incoming requests exceeded limit of " +
          `${(executionSecondsPerWindow ?? 0) * 1_000} milliseconds ${window}. ` +
          "Decrease number of concurrent requests or reduce the duration of requests and try again later.";
      case "0x80072326":
        return `Number of concurrent requests exceeded the limit of ${maxConcurrent}.`;
    }
  }
}
