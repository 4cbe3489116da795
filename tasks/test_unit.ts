/**
 * Runs the unit tests of all rooms, or those that have one of the words in their path: `deno task test:unit simulator`.
 *
 * @module
 */
import { runCommand } from "./run_command.ts";
import { denoTestsTogetherStep, runSteps } from "./steps.ts";
import { named, unitTestFiles } from "./test_files.ts";

await runCommand(async () => {
  const files = named(Deno.args, await unitTestFiles());
  return await runSteps([denoTestsTogetherStep("Unit tests", files)]);
});
