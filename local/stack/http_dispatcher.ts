import type { StackDatabase } from "./database.ts";

/** A row of `net.http_request_queue`. */
interface QueuedRequest {
  readonly id: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string> | null;
  readonly body: string | null;
  readonly timeout_milliseconds: number;
}

interface Outcome {
  readonly status: number | null;
  readonly headers: Record<string, string> | null;
  readonly content: string | null;
  readonly timedOut: boolean;
  readonly error: string | null;
}

/** What the dispatcher works with. */
export interface HttpDispatcherOptions {
  readonly database: StackDatabase;
  readonly fetch?: typeof fetch;
  /** How long a request may lie in the queue should its notification get lost. */
  readonly pollSeconds?: number;
}

/** As many requests as pg_net takes at once. */
const BATCH_SIZE = 200;

/**
 * Plays pg_net's background worker: sends what `net.http_post` queued, after the commit and at most once, and keeps
 * the answer in `net._http_response` for six hours. It never retries.
 * <https://github.com/supabase/pg_net>
 */
export class HttpDispatcher {
  readonly #database: StackDatabase;
  readonly #fetch: typeof fetch;
  readonly #pollMilliseconds: number;
  readonly #underway = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #timer: ReturnType<typeof setInterval> | undefined;
  #taking: Promise<void> | null = null;
  #wokenMeanwhile = false;

  constructor(options: HttpDispatcherOptions) {
    this.#database = options.database;
    this.#fetch = options.fetch ?? fetch;
    this.#pollMilliseconds = (options.pollSeconds ?? 0.5) * 1000;
  }

  /** Sends what is queued, and from now on whatever is added. */
  async start(): Promise<void> {
    const wake = () => this.#wake();
    await this.#database.listen("net_http_request_queue", wake);
    this.#timer = setInterval(wake, this.#pollMilliseconds);
    wake();
  }

  /** Takes no more from the queue, breaks off what is under way, and waits for that to be noted. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#taking;
    await Promise.all(this.#underway);
  }

  #wake(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#taking !== null) {
      this.#wokenMeanwhile = true;
      return;
    }
    this.#taking = this.#takeAll().finally(() => {
      this.#taking = null;
    });
  }

  async #takeAll(): Promise<void> {
    do {
      this.#wokenMeanwhile = false;
      for (const request of await this.#take()) {
        const delivery: Promise<void> = this.#deliver(request).finally(() => {
          this.#underway.delete(delivery);
        });
        this.#underway.add(delivery);
      }
    } while (this.#wokenMeanwhile && !this.#stopping.signal.aborted);
  }

  async #take(): Promise<QueuedRequest[]> {
    try {
      const rows = await this.#database.query<QueuedRequest>(
        `delete from net.http_request_queue
        where id in (select id from net.http_request_queue order by id limit $1 for update skip locked)
        returning id, method::text as method, url, headers, convert_from(body, 'UTF8') as body, timeout_milliseconds`,
        [BATCH_SIZE],
      );
      if (rows.length === BATCH_SIZE) this.#wokenMeanwhile = true;
      return rows.toSorted((a, b) => Number(a.id) - Number(b.id));
    } catch (error) {
      console.error(`The local pg_net cannot read its queue: ${messageOf(error)}`);
      return [];
    }
  }

  async #deliver(request: QueuedRequest): Promise<void> {
    const outcome = await this.#send(request);
    try {
      await this.#database.query(
        `with expired as (delete from net._http_response where created < now() - interval '6 hours')
        insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
        values ($1, $2, $3, $4::text::jsonb, $5, $6, $7)`,
        [
          request.id,
          outcome.status,
          outcome.headers?.["content-type"] ?? null,
          outcome.headers === null ? null : JSON.stringify(outcome.headers),
          outcome.content,
          outcome.timedOut,
          outcome.error,
        ],
      );
    } catch (error) {
      console.error(`The local pg_net cannot keep an answer: ${messageOf(error)}`);
    }
  }

  async #send(request: QueuedRequest): Promise<Outcome> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), request.timeout_milliseconds);
    try {
      const response = await this.#fetch(request.url, {
        method: request.method,
        headers: request.headers ?? {},
        body: request.body,
        redirect: "manual",
        signal: AbortSignal.any([timeout.signal, this.#stopping.signal]),
      });
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        content: await response.text(),
        timedOut: false,
        error: null,
      };
    } catch (error) {
      const timedOut = timeout.signal.aborted;
      return {
        status: null,
        headers: null,
        content: null,
        timedOut,
        error: timedOut
          ? `Timeout of ${request.timeout_milliseconds} ms reached`
          : messageOf(error),
      };
    } finally {
      clearTimeout(timer);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
