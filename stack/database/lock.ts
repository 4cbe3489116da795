/** Lets one user at a time through, in the order they came. */
export class Lock {
  #last: Promise<void> = Promise.resolve();

  /** Waits for the lock; the function returned gives it back, and may be called more than once. */
  async acquire(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = promise;
    await before;
    return resolve;
  }

  /** Holds the lock while `use` runs, whatever becomes of it. */
  async with<T>(use: () => T | Promise<T>): Promise<T> {
    const release = await this.acquire();
    try {
      return await use();
    } finally {
      release();
    }
  }
}
