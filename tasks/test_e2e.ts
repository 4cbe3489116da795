/**
 * Runs end to end tests on PGlite, all of them or those that have one of the words in their path: `deno task test:e2e night`.
 *
 * @module
 */
import { runCommand } from "./run_command.ts";
import { denoStackTestStep, runSteps } from "./steps.ts";
import { EMBEDDED, END_TO_END, named, testFiles } from "./test_files.ts";

await runCommand(async () => {
  const files = named(Deno.args, await testFiles([...EMBEDDED, ...END_TO_END]));
  return await runSteps([
    denoStackTestStep("The stack, and end to end on PGlite", files, { HLF_DB: "pglite" }),
  ]);
});
