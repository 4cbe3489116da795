import type { ChildProcess, OutputLine } from "../machine/child_process.ts";
import { startDeno } from "../machine/deno_process.ts";
import { findFreePort } from "../machine/ports.ts";
import { untilItAnswers } from "../machine/until_it_answers.ts";

/** Which function to run, how often, and what it is told. */
interface FunctionPoolOptions {
  /** As its URL has it. */
  readonly name: string;
  /** The path of its bundle in the project. */
  readonly program: string;
  readonly processes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine?: (line: OutputLine) => void;
}

interface Member {
  readonly process: ChildProcess;
  readonly address: string;
}

/** The memory that the hosted runtime gives a worker. <https://supabase.com/docs/guides/functions/limits> */
const MEMORY_MEGABYTES = 256;

/** The processes of one edge function, each in a Deno of its own; requests go round among them. */
export class FunctionPool {
  readonly name: string;
  #members: Member[] = [];
  #next = 0;
  #environment: Readonly<Record<string, string>>;
  readonly #options: FunctionPoolOptions;

  constructor(options: FunctionPoolOptions) {
    this.name = options.name;
    this.#environment = options.environment;
    this.#options = options;
  }

  /** The address of the process whose turn it is; null when none was started. */
  nextAddress(): string | null {
    return this.#members[this.#next++ % this.#members.length]?.address ?? null;
  }

  /**
   * Starts all processes and waits until they answer.
   *
   * @throws {StackError} `process_ended`, `process_silent`
   */
  async start(): Promise<void> {
    this.#members = Array.from({ length: this.#options.processes }, () => this.#startOne());
    const { name } = this;
    await Promise.all(
      this.#members.map(({ process, address }) => untilItAnswers(process, `${address}/${name}`)),
    );
  }

  /** Ends the processes and starts them anew, with these settings on top of the former. */
  async restart(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.stop();
    this.#environment = { ...this.#environment, ...environment };
    await this.start();
  }

  #startOne(): Member {
    const environment = this.#environment;
    const host = `127.0.0.1:${findFreePort()}`;
    const reachable = [host, ...Object.values(environment).flatMap(hostOf)];
    const process = startDeno({
      name: `The function ${this.name}`,
      program: this.#options.program,
      flags: [
        // A bundle has everything in it: no import map, no lock file.
        "--no-config",
        "--allow-env",
        `--allow-net=${[...new Set(reachable)].join(",")}`,
        `--v8-flags=--max-old-space-size=${MEMORY_MEGABYTES}`,
      ],
      environment: { ...environment, DENO_SERVE_ADDRESS: `tcp:${host}` },
      ...(this.#options.onLine === undefined ? {} : { onLine: this.#options.onLine }),
    });
    return { process, address: `http://${host}` };
  }

  /** Sends every process a signal; they are not started again. */
  signal(signal: Deno.Signal): void {
    for (const { process } of this.#members) process.signal(signal);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map(({ process }) => process.stop()));
  }
}

function hostOf(value: string): string[] {
  return /^https?:\/\//.test(value) && URL.canParse(value) ? [new URL(value).host] : [];
}
