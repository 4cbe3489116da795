import type { StackDatabase } from "../database/database.ts";
import { receiveHeaders } from "./header_block.ts";

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
interface HttpDispatcherOptions {
  readonly database: StackDatabase;
  readonly fetch?: typeof fetch;
  /** How long a request may lie in the queue should its notification get lost. */
  readonly pollSeconds?: number;
}

/** As many requests as pg_net takes at once, and as many old answers as it then forgets. */
const BATCH_SIZE = 200;

/**
 * Plays pg_net's background worker: sends what `net.http_post` queued, after the commit and at most once, and keeps
 * the answer in `net._http_response` for six hours. It never retries. Like the worker it takes a batch at a time: the
 * slowest endpoint of one holds up whatever is queued behind it, until its timeout.
 * <https://github.com/supabase/pg_net>
 */
export class HttpDispatcher {
  readonly #database: StackDatabase;
  readonly #fetch: typeof fetch;
  readonly #pollMilliseconds: number;
  readonly #stopping = new AbortController();
  #timer: ReturnType<typeof setInterval> | undefined;
  #taking: Promise<void> | null = null;
  #wokenMeanwhile = false;
  #isPaused = false;

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
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether requests are under way, or their answers not kept yet. */
  get isBusy(): boolean {
    return this.#taking !== null;
  }

  /** Takes nothing from the queue until it is resumed, as a worker that has died or hangs. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake();
  }

  #wake(): void {
    if (this.#stopping.signal.aborted || this.#isPaused) return;
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
      const batch = await this.#take();
      const answered = await Promise.all(
        batch.map(async (request) => ({ id: request.id, ...await this.#send(request) })),
      );
      if (answered.length > 0) await this.#keep(answered);
    } while (this.#wokenMeanwhile && !this.#stopping.signal.aborted);
  }

  async #take(): Promise<QueuedRequest[]> {
    try {
      const rows = await this.#database.query<QueuedRequest>(
        `with expired as (
          delete from net._http_response where ctid in (
            select ctid from net._http_response where created < now() - interval '6 hours' order by created limit $1
          )
        )
        delete from net.http_request_queue
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

  async #keep(answers: readonly (Outcome & { readonly id: number })[]): Promise<void> {
    try {
      await this.#database.query(
        `insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
        select id, status, headers ->> 'content-type', headers, content, "timedOut", error
        from jsonb_to_recordset($1::text::jsonb) as answer (
          id bigint, status integer, headers jsonb, content text, "timedOut" boolean, error text
        )`,
        [JSON.stringify(answers)],
      );
    } catch (error) {
      console.error(`The local pg_net cannot keep an answer: ${messageOf(error)}`);
    }
  }

  async #send(request: QueuedRequest): Promise<Outcome> {
    const { headers, isCutShort, isMalformed } = receiveHeaders(request.headers ?? {});
    if (isMalformed) {
      // What a server answers to a line that is no header, without having looked at the rest.
      return { status: 400, headers: {}, content: "", timedOut: false, error: null };
    }
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), request.timeout_milliseconds);
    try {
      const response = await this.#fetch(request.url, {
        method: request.method,
        headers: headers.map(([name, value]): [string, string] => [name, value]),
        body: isCutShort ? null : request.body,
        redirect: "follow",
        signal: AbortSignal.any([timeout.signal, this.#stopping.signal]),
      });
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        // Text of the database has no zero bytes.
        content: (await response.text()).replaceAll("\0", ""),
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
