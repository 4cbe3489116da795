import { TextLineStream } from "./text_line_stream.ts";

/** A line that a child process printed. */
export interface OutputLine {
  readonly stream: "stdout" | "stderr";
  readonly line: string;
}

/** What to run, and as whom. */
interface ChildProcessOptions {
  /** What a person would call it, for messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly onLine?: (line: OutputLine) => void;
}

/** Older lines are forgotten, so that a stack may run for days. */
const KEPT_LINES = 10_000;

/** A running program whose output is collected line by line. */
export class ChildProcess {
  readonly name: string;
  /** What it printed, oldest first. */
  readonly output: OutputLine[] = [];
  /** Fulfilled when the process has ended and all its output has been read. */
  readonly ended: Promise<Deno.CommandStatus>;
  readonly #child: Deno.ChildProcess;
  #status: Deno.CommandStatus | null = null;

  constructor(options: ChildProcessOptions) {
    const { name, command, args, environment, cwd, uid, gid, onLine } = options;
    this.name = name;
    this.#child = new Deno.Command(command, {
      args: [...args],
      env: { ...environment },
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    }).spawn();
    const collect = async (stream: OutputLine["stream"]) => {
      const lines = this.#child[stream].pipeThrough(new TextDecoderStream()).pipeThrough(
        new TextLineStream(),
      );
      for await (const line of lines) {
        this.output.push({ stream, line });
        if (this.output.length > KEPT_LINES) this.output.shift();
        onLine?.({ stream, line });
      }
    };
    this.ended = Promise.all([
      this.#child.status.then((status) => this.#status = status),
      collect("stdout"),
      collect("stderr"),
    ]).then(([status]) => status);
  }

  get pid(): number {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#status !== null;
  }

  /** Sends a signal; one that comes too late is no error. */
  signal(signal: Deno.Signal): void {
    if (this.hasEnded) return;
    try {
      this.#child.kill(signal);
    } catch {
      // It ended on its own between the check and the signal.
    }
  }

  /** Asks the process to end, waits, and after `graceSeconds` makes it. */
  async stop(signal: Deno.Signal = "SIGTERM", graceSeconds = 3): Promise<void> {
    this.signal(signal);
    const timer = setTimeout(() => this.signal("SIGKILL"), graceSeconds * 1000);
    await this.ended;
    clearTimeout(timer);
  }
}
