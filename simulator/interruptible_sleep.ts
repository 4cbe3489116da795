/** Waiting that can be cut short for everybody at once. */
interface InterruptibleSleep {
  sleep(seconds: number): Promise<void>;
  /** Ends all waiting now and lets nobody wait again. */
  interrupt(): void;
}

/** Makes one, on the real clock. */
export function createInterruptibleSleep(): InterruptibleSleep {
  const pending = new Map<ReturnType<typeof setTimeout>, () => void>();
  let interrupted = false;
  return {
    sleep(seconds: number): Promise<void> {
      if (interrupted) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          pending.delete(timer);
          resolve();
        }, seconds * 1_000);
        pending.set(timer, resolve);
      });
    },
    interrupt(): void {
      interrupted = true;
      for (const [timer, resolve] of pending) {
        clearTimeout(timer);
        resolve();
      }
      pending.clear();
    },
  };
}
