/** Time as the code sees it; tests pass one that they move by hand. */
export interface Clock {
  /** Milliseconds since 1970, for dates that leave the process. */
  epoch(): number;
  /** Milliseconds since some fixed moment, for durations; never jumps. */
  monotonic(): number;
}

/** Waits, never too short, and returns early without an error when the signal is aborted. */
export type Sleep = (seconds: number, signal?: AbortSignal) => Promise<void>;

/** The clock of this machine. */
export const systemClock: Clock = {
  epoch: () => Date.now(),
  monotonic: () => performance.now(),
};

/** Waits by a timer of this process. */
export const systemSleep: Sleep = (seconds, signal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, Math.max(Math.ceil(seconds * 1000), 0));
    signal?.addEventListener("abort", finish);
  });
