import { FUNCTION_BUNDLE } from "../../stack/functions/bundle.ts";
import type { OutputLine } from "../../stack/machine/child_process.ts";
import { StackError } from "../../stack/machine/errors.ts";
import { FunctionPool } from "../../stack/functions/function_pool.ts";
import { cutResponse, type Interruptions, restCallOf } from "./interruptions.ts";

/** What a worker is made with. */
interface WorkerOptions {
  readonly index: number;
  /** The real REST API; the worker gets a proxy of its own in front of it. */
  readonly rest: (request: Request) => Promise<Response>;
  readonly environment: Readonly<Record<string, string>>;
  readonly interruptions: Interruptions;
  readonly onLine: (line: OutputLine) => void;
}

/**
 * One process of the function, with a line of its own to REST: there its calls can be interrupted, and it is known which
 * worker holds which attempt. A killed worker is replaced at once.
 */
export class Worker {
  readonly index: number;
  /** Attempts that it was given, or would have been had the answer come through. */
  readonly attemptIds = new Set<string>();
  readonly #options: WorkerOptions;
  readonly #line: Deno.HttpServer<Deno.NetAddr>;
  readonly #pool: FunctionPool;
  #openCalls = 0;
  #reviving: Promise<void> | null = null;
  #isStopped = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.index = options.index;
    this.#line = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: () => cutResponse() },
      (request) => this.#carry(request),
    );
    this.#pool = new FunctionPool({
      name: "hlf-sync",
      program: FUNCTION_BUNDLE,
      processes: 1,
      environment: {
        ...options.environment,
        SUPABASE_URL: `http://127.0.0.1:${this.#line.addr.port}`,
        // All of them are the function of one project.
        HLF_SYNC_PROJECT_URL: "http://127.0.0.1",
      },
      onLine: options.onLine,
    });
  }

  /** Calls to the database that have not been answered yet. */
  get openCalls(): number {
    return this.#openCalls;
  }

  /** Where the process answers, if it does. */
  get address(): string | null {
    return this.#pool.nextAddress();
  }

  async start(): Promise<void> {
    await this.#pool.start();
  }

  /** SIGKILL: whatever it was doing stops here. */
  kill(): void {
    if (this.#isStopped) return;
    this.#pool.signal("SIGKILL");
    this.#reviving ??= this.#revive().finally(() => {
      this.#reviving = null;
    });
  }

  signal(signal: Deno.Signal): void {
    this.#pool.signal(signal);
  }

  /** Resolves when a process is up, however often it has been killed. */
  async isUp(): Promise<void> {
    await this.#reviving;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.signal("SIGCONT");
    await this.#reviving;
    await this.#pool.stop();
    await this.#line.shutdown();
  }

  async #revive(): Promise<void> {
    while (!this.#isStopped) {
      try {
        return await this.#pool.restart();
      } catch (error) {
        // Killed again while it started.
        if (!(error instanceof StackError && error.code === "process_ended")) throw error;
      }
    }
  }

  async #carry(request: Request): Promise<Response> {
    const { interruptions } = this.#options;
    const call = restCallOf(request);
    this.#openCalls++;
    try {
      const early = await interruptions.take(call, "before")?.(this.index);
      if (early) return early;
      const response = await this.#options.rest(request);
      const text = await response.text();
      if (call === "claim" || call === "claim_one") this.#note(text);
      const late = await interruptions.take(call, "after")?.(this.index);
      return late ?? new Response(response.status === 204 ? null : text, response);
    } catch {
      return cutResponse();
    } finally {
      this.#openCalls--;
    }
  }

  #note(claimed: string): void {
    for (const [, id] of claimed.matchAll(/"attempt_id":\s*"([0-9a-f-]{36})"/g)) {
      if (id !== undefined) this.attemptIds.add(id);
    }
  }
}
