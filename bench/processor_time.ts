/** Processor seconds since their start, by what the processes are for. */
export type ProcessorTime = Readonly<Record<string, number>>;

/** Linux counts in hundredths of a second. <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html> */
const TICKS_PER_SECOND = 100;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
  /** Of its children that have ended. */
  readonly reapedSeconds: number;
  readonly command: string;
}

/**
 * What this process and all that it started have used so far.
 *
 * @param roles the name of a command line, by a part of it; the first that fits counts
 */
export function readProcessorTime(
  roles: readonly (readonly [part: string, role: string])[],
): ProcessorTime {
  const processes = [...Deno.readDirSync("/proc")].flatMap(({ name }) => readProcess(Number(name)));
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const totals: Record<string, number> = {};
  for (const { pid, command, seconds, reapedSeconds } of processes) {
    if (!isOurs(pid, parents)) continue;
    const role = pid === Deno.pid
      ? "bench"
      : roles.find(([part]) => command.includes(part))?.[1] ?? "others";
    // The server's connections end with whoever opened them; then they are counted with the server itself.
    const ended = role === "postgres" ? reapedSeconds : 0;
    totals[role] = (totals[role] ?? 0) + seconds + ended;
  }
  return totals;
}

/** Milliseconds that one process has been on a processor. <https://docs.kernel.org/scheduler/sched-stats.html> */
export function millisecondsOf(pid: number): number {
  return Number(Deno.readTextFileSync(`/proc/${pid}/schedstat`).split(" ")[0]) / 1e6;
}

/** How much each used between two readings. */
export function since(before: ProcessorTime, after: ProcessorTime): ProcessorTime {
  return Object.fromEntries(
    Object.entries(after).map(([role, seconds]) => [role, seconds - (before[role] ?? 0)]),
  );
}

function readProcess(pid: number): Process[] {
  if (!Number.isInteger(pid)) return [];
  try {
    return [{
      pid,
      ...parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`)),
      command: Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " "),
    }];
  } catch {
    // It ended while we looked.
    return [];
  }
}

/** The parent and the time used, from a line of `/proc/<pid>/stat`. */
export function parseStat(line: string): Omit<Process, "pid" | "command"> {
  // The name in parentheses may hold anything, spaces and parentheses too.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ").map(Number);
  const secondsAt = (index: number) =>
    ((fields[index] ?? 0) + (fields[index + 1] ?? 0)) / TICKS_PER_SECOND;
  return { parent: fields[1] ?? 0, seconds: secondsAt(11), reapedSeconds: secondsAt(13) };
}

function isOurs(pid: number, parents: ReadonlyMap<number, number>): boolean {
  for (let current = pid; current > 1; current = parents.get(current) ?? 0) {
    if (current === Deno.pid) return true;
  }
  return false;
}
