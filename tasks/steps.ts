import { PREPARED, preparePrograms } from "../stack/packages.ts";
import { projectPath } from "../stack/machine/project_path.ts";
import { addTotals, judge, readSummaryTotals, type Totals } from "./totals.ts";

/** One program that a test command runs. */
export interface Step {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Finds the totals in what it printed; a program that tells none counts as one test. */
  readonly totals?: (output: string) => Totals | null;
}

/** What of Deno imports packages: `runSteps` has fetched them all. */
const IMPORTING = ["check", "run", "test"];

/** A step that runs this Deno. */
export function denoStep(
  title: string,
  [subcommand = "", ...args]: readonly string[],
  more: Partial<Step> = {},
): Step {
  const cached = IMPORTING.includes(subcommand) ? ["--cached-only"] : [];
  return { title, command: Deno.execPath(), args: [subcommand, ...cached, ...args], ...more };
}

/**
 * What runs against a stack mostly waits: for timeouts, for the next minute, for the database. Each file has a stack of its
 * own, so two of them at a time do not meet.
 */
export function denoStackTestStep(
  title: string,
  paths: readonly string[],
  environment: Readonly<Record<string, string>>,
): Step {
  return denoTestStep(title, ["--parallel", ...paths], {
    environment: { DENO_JOBS: "2", ...environment },
  });
}

/** A step that runs Deno tests, and counts them. It checks no types: that takes a while for each such step, and `ok` checks all. */
export function denoTestStep(
  title: string,
  paths: readonly string[],
  more: Partial<Step> = {},
): Step {
  return denoStep(title, ["test", "-A", "--no-check", ...paths], {
    totals: readSummaryTotals,
    ...more,
  });
}

/**
 * A step that runs files of tests one after another in one isolate. Deno makes one for each file otherwise, which takes
 * 0.4 s of processor time (most of it for an array that only `deno bench` needs), more than the tests of most files; and on
 * a stack it compiles everything anew, PGlite too.
 */
export function denoTestsTogetherStep(
  title: string,
  files: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Step {
  return denoTestStep(title, [...flags, "tasks/tests_together.ts", "--", ...files], {
    environment,
  });
}

/** Steps that run one after another. */
export type Sequence = readonly Step[];

interface Result {
  readonly title: string;
  readonly totals: Totals;
  readonly seconds: number;
}

/**
 * Runs all steps, sequences at the same time, shows what they print, and ends with the true totals. What steps of several
 * sequences print is shown when each has ended, so that it does not mix.
 */
export async function runSteps(...sequences: readonly Sequence[]): Promise<number> {
  await preparePrograms({ tell: console.log });
  const results = (await Promise.all(
    sequences.map((steps) => runSequence(steps, { isAlone: sequences.length === 1 })),
  )).flat();
  console.log("\n── Summary");
  for (const { title, totals, seconds } of results) {
    const word = totals.failed === 0 ? "ok    " : "FAILED";
    console.log(`${word}  ${title}: ${describe(totals)} (${seconds} s)`);
  }
  const total = addTotals(results.map(({ totals }) => totals));
  console.log(describe(total));
  return total.failed === 0 ? 0 : 1;
}

async function runSequence(
  steps: Sequence,
  { isAlone }: { isAlone: boolean },
): Promise<Result[]> {
  const results: Result[] = [];
  for (const step of steps) {
    const { title } = step;
    console.log(isAlone ? `\n── ${title}` : `   ${title} …`);
    const startedAt = performance.now();
    const output: Uint8Array[] = [];
    const totals = await runStep(step, (chunk) => {
      if (isAlone) print(chunk);
      else output.push(chunk);
    });
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (!isAlone) {
      console.log(`\n── ${title} (${seconds} s)`);
      output.forEach(print);
    }
    results.push({ title, totals, seconds });
  }
  return results;
}

function print(chunk: Uint8Array): void {
  for (let at = 0; at < chunk.length;) at += Deno.stdout.writeSync(chunk.subarray(at));
}

async function runStep(step: Step, show: (chunk: Uint8Array) => void): Promise<Totals> {
  try {
    const child = new Deno.Command(step.command, {
      args: [...step.args],
      cwd: projectPath("."),
      env: { NO_COLOR: "1", [PREPARED]: "1", ...step.environment },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output: string[] = [];
    const read = async (from: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder();
      for await (const chunk of from) {
        output.push(decoder.decode(chunk, { stream: true }));
        show(chunk);
      }
    };
    const [{ success }] = await Promise.all([child.status, read(child.stdout), read(child.stderr)]);
    return judge(success, step.totals?.(output.join("")) ?? null);
  } catch (error) {
    console.error(`Cannot run ${step.command}: ${error instanceof Error ? error.message : error}`);
    return { passed: 0, failed: 1 };
  }
}

function describe({ passed, failed }: Totals): string {
  return `${passed} passed, ${failed} failed`;
}
