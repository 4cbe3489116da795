/**
 * Measures hlf-sync beside what a user would pick instead, on a PostgreSQL server of its own. Prints its tables, and
 * with `--report` writes them into docs/reference/benchmarks.md.
 *
 * @module
 */
import { runCommand } from "../tasks/run_command.ts";
import { projectPath } from "../stack/machine/project_path.ts";
import { readArguments, type SectionName } from "./arguments.ts";
import { measureColdStart } from "./cold_start.ts";
import { measureCriticalPath } from "./critical_path.ts";
import { measureDrain, measureWorkers } from "./drain_section.ts";
import { type Ground, startGround } from "./ground.ts";
import { measureIsolate } from "./isolate.ts";
import { measureReconciliation } from "./reconciliation.ts";
import { replaceGenerated, type Section, toMarkdown } from "./table.ts";

const REPORT = "docs/reference/benchmarks.md";

type Measure = (ground: Ground, isQuick: boolean) => Promise<Section>;

const MEASURES: Readonly<Record<SectionName, Measure>> = {
  "drain": (ground, isQuick) =>
    measureDrain(ground, isQuick ? { jobs: 300, rounds: 1 } : { jobs: 3000, rounds: 5 }),
  "critical-path": (ground, isQuick) =>
    measureCriticalPath(ground, isQuick ? { webhooks: 5, rounds: 1 } : { webhooks: 25, rounds: 8 }),
  "reconciliation": (ground, isQuick) =>
    measureReconciliation(
      ground,
      isQuick
        ? { small: 1000, large: 10_000, rounds: 1 }
        : { small: 10_000, large: 100_000, rounds: 3 },
    ),
  "cold-start": (ground, isQuick) => measureColdStart(ground, { rounds: isQuick ? 2 : 31 }),
  "isolate": (ground, isQuick) =>
    measureIsolate(
      ground,
      isQuick
        ? { attempts: 100, singles: 3, listings: 1000, latencies: [0.02] }
        : { attempts: 1500, singles: 31, listings: 20_000, latencies: [0.02, 0.3, 1] },
    ),
  "workers": (ground, isQuick) =>
    measureWorkers(ground, isQuick ? { jobs: 300, rounds: 1 } : { jobs: 3000, rounds: 3 }),
};

/** What the figures were taken on. Another program's load makes them worthless, so it is told. */
function describeMachine(loadBefore: number): string {
  const [, model] = Deno.readTextFileSync("/proc/cpuinfo").match(/^model name\s*:\s*(.+)$/m) ?? [];
  const gigabytes = Math.round(Deno.systemMemoryInfo().total / 1e9);
  return `${navigator.hardwareConcurrency} processors (${model ?? "unknown"}), ${gigabytes} GB, ` +
    `${Deno.build.os}, Deno ${Deno.version.deno}; load before the start ${loadBefore.toFixed(2)}.`;
}

await runCommand(async () => {
  const { sections, isQuick, writesReport } = readArguments(Deno.args);
  const [loadBefore = 0] = Deno.loadavg();
  const startedAt = performance.now();
  const ground = await startGround();
  const parts = [describeMachine(loadBefore)];
  console.log(`${parts[0]}\n`);
  try {
    for (const name of sections) {
      const part = toMarkdown(await MEASURES[name](ground, isQuick));
      console.log(part);
      parts.push(part);
    }
  } finally {
    await ground.stop();
  }
  const minutes = (performance.now() - startedAt) / 60_000;
  console.log(`Took ${minutes.toFixed(1)} minutes.`);
  if (writesReport) {
    const path = projectPath(REPORT);
    await Deno.writeTextFile(
      path,
      replaceGenerated(await Deno.readTextFile(path), parts.join("\n\n")),
    );
  }
  return 0;
});
