/** Makes matching REST requests slow, or fail before they reach the database. */
export interface RestFault {
  readonly match: {
    /** Any method when left out. */
    readonly method?: string;
    /** What stands after `/rest/v1/`: a table, or `rpc/` and a function. Everything when left out. */
    readonly resource?: string;
  };
  readonly delaySeconds?: number;
  /** Holds the requests back until this is resolved. */
  readonly until?: Promise<unknown>;
  /** The answer to give instead of the database's. */
  readonly answer?: { readonly status: number; readonly code: string; readonly message: string };
  /** How many requests it is for; all of them when left out. */
  readonly times?: number;
}

/** Holds the fault that is in force, if any. */
export class RestFaults {
  #fault: RestFault | null = null;
  #left = 0;
  readonly #sleep: (seconds: number) => Promise<void>;

  constructor(options: { sleep?: (seconds: number) => Promise<void> } = {}) {
    this.#sleep = options.sleep ??
      ((seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)));
  }

  /** Puts a fault in force, in place of the one before; null ends it. */
  set(fault: RestFault | null): void {
    this.#fault = fault;
    this.#left = fault?.times ?? Infinity;
  }

  /** Delays a request it concerns; returns the answer to give instead of the database's, or null. */
  async apply(request: Request): Promise<Response | null> {
    const fault = this.#fault;
    if (fault === null || this.#left <= 0 || !concerns(fault, request)) return null;
    this.#left--;
    if (fault.delaySeconds !== undefined) await this.#sleep(fault.delaySeconds);
    await fault.until;
    if (fault.answer === undefined) return null;
    const { status, code, message } = fault.answer;
    return Response.json({ code, message, details: null, hint: null }, { status });
  }
}

function concerns({ match }: RestFault, request: Request): boolean {
  const { pathname } = new URL(request.url);
  return (match.resource === undefined || pathname === `/rest/v1/${match.resource}`) &&
    (match.method === undefined || match.method === request.method);
}
