import { projectPath } from "../../stack/machine/project_path.ts";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunningCommand {
  readonly kill: (signal: Deno.Signal) => void;
  /** What was printed so far. */
  readonly printed: () => string;
  readonly ended: Promise<CommandResult>;
}

interface CommandOptions {
  /** Lines to be typed, one for each question. */
  readonly input?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The rights that the tasks in deno.json give. */
const RIGHTS = ["--allow-env", "--allow-net", "--allow-read", "--allow-write"];
/** Longer than any command takes on a machine that does much else. */
const TIMEOUT_MILLISECONDS = 300_000;

/** Starts a command of this folder as its task does, with a pipe for a terminal. */
export function startCommand(
  script: string,
  args: readonly string[],
  { input = [], environment = {}, cwd }: CommandOptions = {},
): RunningCommand {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--cached-only",
      "--no-prompt",
      ...RIGHTS,
      "--config",
      projectPath("deno.json"),
      projectPath(`operations/${script}`),
      ...args,
    ],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...environment },
    ...(cwd !== undefined && { cwd }),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = { stdout: "", stderr: "" };
  const collect = async (stream: "stdout" | "stderr") => {
    for await (const text of child[stream].pipeThrough(new TextDecoderStream())) {
      output[stream] += text;
    }
  };
  const type = async () => {
    const writer = child.stdin.getWriter();
    // A command that ends early does not read to the end.
    await writer.write(new TextEncoder().encode(input.map((line) => `${line}\n`).join("")))
      .then(() => writer.close()).catch(() => {});
  };
  const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MILLISECONDS);
  const ended = Promise.all([child.status, collect("stdout"), collect("stderr"), type()])
    .then(([{ code }]) => ({ code, ...output }))
    .finally(() => clearTimeout(timer));
  return { kill: (signal) => child.kill(signal), printed: () => output.stdout, ended };
}

export async function runCommand(
  script: string,
  args: readonly string[],
  options?: CommandOptions,
): Promise<CommandResult> {
  return await startCommand(script, args, options).ended;
}
