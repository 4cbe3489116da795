import { z } from "zod";
import { startDeno } from "../stack/machine/deno_process.ts";
import { BenchError } from "./errors.ts";
import type { Assignment } from "./programs/job.ts";

const result = z.object({ seconds: z.number().positive(), processorSeconds: z.number() });

/**
 * Runs one of `programs/` in a Deno of its own.
 *
 * @returns how long its measured jobs took, and its processors worked for them
 * @throws {BenchError} `program_ended` with its last words
 */
export async function runProgram(
  name: string,
  assignment: Assignment,
): Promise<z.infer<typeof result>> {
  const process = startDeno({
    name,
    program: `bench/programs/${name}.ts`,
    flags: ["-A"],
    args: [JSON.stringify(assignment)],
  });
  await process.ended;
  for (const { line } of process.output) {
    if (line.startsWith('{"seconds"')) return result.parse(JSON.parse(line));
  }
  const words = process.output.slice(-8).map(({ line }) => line).join(" | ");
  throw new BenchError(`${name} ended without a result: ${words}`, "program_ended");
}
