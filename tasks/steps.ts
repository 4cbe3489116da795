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

/** A step that runs Deno tests, and counts them. */
export function denoTestStep(
  title: string,
  paths: readonly string[],
  more: Partial<Step> = {},
): Step {
  return denoStep(title, ["test", "-A", ...paths], { totals: readSummaryTotals, ...more });
}

/** Runs the steps one after another, all of them, shows what they print, and ends with the true totals. */
export async function runSteps(steps: readonly Step[]): Promise<number> {
  await preparePrograms({ tell: console.log });
  const results: { title: string; totals: Totals }[] = [];
  for (const [index, step] of steps.entries()) {
    console.log(`\n── ${index + 1}/${steps.length} ${step.title}`);
    results.push({ title: step.title, totals: await runStep(step) });
  }
  console.log("\n── Summary");
  for (const { title, totals } of results) {
    console.log(`${totals.failed === 0 ? "ok    " : "FAILED"}  ${title}: ${describe(totals)}`);
  }
  const total = addTotals(results.map(({ totals }) => totals));
  console.log(describe(total));
  return total.failed === 0 ? 0 : 1;
}

async function runStep(step: Step): Promise<Totals> {
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
    const show = async (
      from: ReadableStream<Uint8Array>,
      to: { write(data: Uint8Array): Promise<number> },
    ) => {
      const decoder = new TextDecoder();
      for await (const chunk of from) {
        output.push(decoder.decode(chunk, { stream: true }));
        await to.write(chunk);
      }
    };
    const [{ success }] = await Promise.all([
      child.status,
      show(child.stdout, Deno.stdout),
      show(child.stderr, Deno.stderr),
    ]);
    return judge(success, step.totals?.(output.join("")) ?? null);
  } catch (error) {
    console.error(`Cannot run ${step.command}: ${error instanceof Error ? error.message : error}`);
    return { passed: 0, failed: 1 };
  }
}

function describe({ passed, failed }: Totals): string {
  return `${passed} passed, ${failed} failed`;
}
