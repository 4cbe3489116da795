/**
 * What `audit:export` and `audit:verify` take for a log of a million rows over five years, on a server of its own; beside
 * those of other checkouts of the project, by turns, where their directories are named.
 *
 * @module
 */
import { resolve } from "node:path";
import { runCommand } from "../../tasks/run_command.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import { BenchError } from "../errors.ts";
import { parseStat } from "../processor_time.ts";
import { loadLog } from "./load_log.ts";

const ROWS = Number(Deno.env.get("HLF_BENCH_SMALL_ROWS") ?? 1_000_000);
const ROUNDS = Number(Deno.env.get("HLF_BENCH_ROUNDS") ?? 3);
const [FROM, TO] = ["2026-11-01", "2031-10-31"];
const POLL_MILLISECONDS = 50;

interface Cost {
  readonly seconds: number;
  /** Of the command's own, whatever else the machine does; the server's are not among them. */
  readonly processorSeconds: number;
  readonly megabytes: number;
}

await runCommand(async () => {
  const checkouts = [projectPath("."), ...Deno.args.map((path) => resolve(path))];
  const server = await startPostgresServer();
  const directory = await Deno.makeTempDir({ prefix: "hlf-export-" });
  try {
    const url = await server.createDatabase("exported");
    const database = await openPostgresDatabase(url);
    await prepareDatabase(database);
    await loadLog(url, ROWS);
    // Most of its five years are still to come, and days that are not over are not sealed.
    await database.run(`alter table public.hlf_sync_audit_seals drop constraint day_is_over;
      select hlf_sync.seal_audit_log('${TO}'::date + 1)`);
    await database.close();
    for (let round = 1; round <= ROUNDS; round++) {
      for (const [index, checkout] of checkouts.entries()) {
        const out = `${directory}/${round}-${index}`;
        const exported = await measure(checkout, "export_main.ts", [
          ...["--from", FROM, "--to", TO, "--out", out],
        ], { DATABASE_URL: url });
        const verified = await measure(checkout, "verify_main.ts", [out]);
        const name = index === 0 ? "this one" : `checkout ${index}`;
        console.log(
          `Round ${round}, ${name}: ${tell("export", exported)}, ${tell("verify", verified)}`,
        );
        await Deno.remove(out, { recursive: true });
      }
    }
    return 0;
  } finally {
    await Deno.remove(directory, { recursive: true });
    await server.stop();
  }
});

function tell(what: string, { seconds, processorSeconds, megabytes }: Cost): string {
  return `${what} ${seconds.toFixed(1)} s (processor ${processorSeconds.toFixed(1)} s), ` +
    `at most ${Math.round(megabytes)} MB`;
}

/** Runs a command of a checkout, and reads how much memory it ever had. */
async function measure(
  checkout: string,
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Cost> {
  const start = performance.now();
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--cached-only", "-A", `operations/audit_export/${command}`, ...args],
    ...{ cwd: checkout, env, stdout: "null", stderr: "inherit" },
  }).spawn();
  let megabytes = 0;
  let processorSeconds = 0;
  const watch = setInterval(() => {
    const use = readUse(process.pid);
    megabytes = Math.max(megabytes, use.megabytes);
    processorSeconds = Math.max(processorSeconds, use.processorSeconds);
  }, POLL_MILLISECONDS);
  const { success } = await process.status;
  clearInterval(watch);
  if (!success) throw new BenchError(`${command} of ${checkout} failed`, "program_ended");
  return { seconds: (performance.now() - start) / 1000, processorSeconds, megabytes };
}

/** The largest resident set, and the time on a processor, so far. <https://man7.org/linux/man-pages/man5/proc_pid_status.5.html> */
function readUse(pid: number): Omit<Cost, "seconds"> {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const { seconds } = parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`));
    const megabytes = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1000;
    return { megabytes, processorSeconds: seconds };
  } catch {
    // It ended while we looked.
    return { megabytes: 0, processorSeconds: 0 };
  }
}
