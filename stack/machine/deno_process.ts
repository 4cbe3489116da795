import { ChildProcess, type OutputLine } from "./child_process.ts";
import { projectPath } from "./project_path.ts";

/** What Deno needs to find its cache, which has a folder for each registry; nothing that it needs to download. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "DENO_DIR", "XDG_CACHE_HOME", "NPM_CONFIG_REGISTRY"];

/** A program of this project, and how to run it. */
interface DenoProgram {
  /** What a person would call it, for messages. */
  readonly name: string;
  /** Its path in the project. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Permissions, and whatever else Deno is told. */
  readonly flags: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly onLine?: (line: OutputLine) => void;
}

/**
 * Starts a program in a Deno of its own, the same version as ours, with nothing of our environment. It downloads nothing,
 * as it knows neither proxy nor authority: `preparePrograms` has fetched everything before.
 */
export function startDeno(
  { program, args = [], flags, environment, ...options }: DenoProgram,
): ChildProcess {
  const own: Record<string, string> = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  for (const name of PASSED_ON) {
    const value = Deno.env.get(name);
    if (value !== undefined) own[name] = value;
  }
  // Named, as Deno would prefer one beside the program, with other versions than those that were fetched.
  const config = flags.includes("--no-config") ? [] : [`--config=${projectPath("deno.json")}`];
  return new ChildProcess({
    ...options,
    command: Deno.execPath(),
    args: [
      "run",
      "--cached-only",
      "--quiet",
      "--no-prompt",
      ...config,
      ...flags,
      projectPath(program),
      ...args,
    ],
    environment: { ...own, ...environment },
  });
}
