import { FUNCTION_BUNDLE } from "../stack/functions/bundle.ts";
import type { ChildProcess } from "../stack/machine/child_process.ts";
import { startDeno } from "../stack/machine/deno_process.ts";
import { findFreePort } from "../stack/machine/ports.ts";
import { untilItAnswers } from "../stack/machine/until_it_answers.ts";
import { BenchError } from "./errors.ts";

/** The function as it is deployed; a stack has made it. */
export const REAL_FUNCTION = FUNCTION_BUNDLE;

/** One process of a function. */
export interface FunctionProcess {
  readonly process: ChildProcess;
  /** Posts a body with the secret key, as the database does; the answer is 202. */
  post(body: unknown): Promise<void>;
  /** The next line of its log with this event, from the moment of the call. */
  event(name: string, timeoutSeconds: number): Promise<Record<string, unknown>>;
  /** The most memory it ever held, in megabytes. */
  peakMegabytes(): number;
  stop(): Promise<void>;
}

/** Starts a Deno program that serves at `DENO_SERVE_ADDRESS`, with the memory that the hosted runtime gives. */
export function spawnFunction(
  program: string,
  environment: Readonly<Record<string, string>>,
  onLine?: (line: string) => void,
  flags: readonly string[] = [],
): { process: ChildProcess; url: string } {
  const host = `127.0.0.1:${findFreePort()}`;
  // What is deployed is a bundle and needs nothing else; what the bench is made of has the project's import map.
  const isBundle = program.includes("/dist/");
  const process = startDeno({
    name: program,
    program,
    flags: [
      "--allow-env",
      "--allow-net",
      "--v8-flags=--max-old-space-size=256",
      ...(isBundle ? ["--no-config"] : ["--allow-read", "--allow-sys"]),
      ...flags,
    ],
    environment: { ...environment, DENO_SERVE_ADDRESS: `tcp:${host}` },
    ...(onLine && { onLine: ({ line }) => onLine(line) }),
  });
  return { process, url: `http://${host}/hlf-sync` };
}

/** Starts a function and waits until it answers. */
export async function startFunction(
  program: string,
  environment: Readonly<Record<string, string>>,
  secretKey: string,
  flags: readonly string[] = [],
): Promise<FunctionProcess> {
  const waiting = new Map<string, (entry: Record<string, unknown>) => void>();
  const onLine = (line: string) => {
    if (!line.startsWith("{")) return;
    const entry: Record<string, unknown> = JSON.parse(line);
    if (entry["level"] === "error") console.error(`${program}: ${line}`);
    waiting.get(String(entry["event"]))?.(entry);
  };
  const { process, url } = spawnFunction(program, environment, onLine, flags);
  await untilItAnswers(process, url);
  return {
    process,
    async post(body) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", apikey: secretKey },
        body: JSON.stringify(body),
      });
      await response.body?.cancel();
      if (response.status === 202) return;
      throw new BenchError(`${program} answered ${response.status}`, "unexpected_result");
    },
    event(name, timeoutSeconds) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new BenchError(`${program} never said ${name}`, "waited_in_vain")),
          timeoutSeconds * 1000,
        );
        waiting.set(name, (entry) => {
          clearTimeout(timer);
          waiting.delete(name);
          resolve(entry);
        });
      });
    },
    peakMegabytes: () => readPeakMegabytes(process.pid),
    stop: () => process.stop(),
  };
}

/** `VmHWM` of a process, in megabytes of 1,000,000 bytes. <https://man7.org/linux/man-pages/man5/proc_pid_status.5.html> */
function readPeakMegabytes(pid: number): number {
  const [, kibibytes] =
    Deno.readTextFileSync(`/proc/${pid}/status`).match(/^VmHWM:\s+(\d+) kB$/m) ??
      [];
  return Number(kibibytes) * 1024 / 1e6;
}
