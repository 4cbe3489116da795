import { StackError } from "./errors.ts";
import { projectPath } from "./project_path.ts";

/** What Deno says when a registry did not answer, as opposed to a mistake of ours, which trying again does not mend. */
const OUT_OF_REACH = /Failed (caching|loading)|failed to download|error sending request/;

/** How long to wait before the second try, the third, and so on. Deno itself tries for about a second. */
const WAITS_SECONDS: readonly number[] = [2, 5, 10];

/** What the runs need of the outside. */
export interface Fetching {
  /** Told of each new try. */
  readonly tell: (message: string) => void;
  /** Runs Deno in the project's folder; null when it went well, else what it said. */
  readonly runDeno?: (args: readonly string[]) => Promise<string | null>;
  readonly sleep?: (seconds: number) => Promise<void>;
}

/**
 * Runs a command of Deno's that may download, in our own environment, where the authority, the proxy and the registry of
 * this machine are set. Whatever is started afterwards has to find everything in the cache.
 *
 * @throws {StackError} `packages_missing`
 */
export async function runFetching(
  args: readonly string[],
  { tell, runDeno = runInProject, sleep = realSleep }: Fetching,
): Promise<void> {
  for (const wait of [...WAITS_SECONDS, null]) {
    const complaint = await runDeno(args);
    if (complaint === null) return;
    if (wait === null || !OUT_OF_REACH.test(complaint)) {
      throw new StackError(explain(args[0] ?? "", complaint), "packages_missing");
    }
    tell(`The registry does not answer; trying again in ${wait} s`);
    await sleep(wait);
  }
}

async function runInProject(args: readonly string[]): Promise<string | null> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: projectPath("."),
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return success ? null : new TextDecoder().decode(stderr);
}

function realSleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function explain(command: string, complaint: string): string {
  const lines = complaint.split("\n").map((line) => line.trim().replace(/^error: |^\d+: /, ""))
    .filter((line) => line !== "" && line !== "Caused by:");
  const advice = complaint.includes("UnknownIssuer")
    ? " (behind a proxy with an authority of its own, set NODE_EXTRA_CA_CERTS to its certificate)"
    : "";
  return `deno ${command} failed: ${lines.slice(0, 2).join("; ")}${advice}`;
}
