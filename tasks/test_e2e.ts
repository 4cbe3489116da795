/**
 * Runs end to end tests on PGlite, all of them or those that have one of the words in their path: `deno task test:e2e night`.
 *
 * @module
 */
import { runCommand } from "./run_command.ts";
import { denoTestsTogetherStep, runSteps } from "./steps.ts";
import { EMBEDDED, ENGINE, named, PEOPLE, testFiles } from "./test_files.ts";

const SIDE_BY_SIDE: Readonly<Record<string, readonly string[]>> = {
  "The engine on PGlite": ENGINE,
  "The stack, and what people do, on PGlite": [...EMBEDDED, ...PEOPLE],
};

await runCommand(async () => {
  const wanted = named(Deno.args, await testFiles(Object.values(SIDE_BY_SIDE).flat()));
  const steps = Object.entries(SIDE_BY_SIDE).map(([title, folders]) => ({
    title,
    files: wanted.filter((file) => folders.some((folder) => file.startsWith(`${folder}/`))),
  })).filter(({ files }) => files.length > 0);
  return await runSteps(
    ...steps.map((
      { title, files },
    ) => [denoTestsTogetherStep(title, files, { HLF_DB: "pglite" })]),
  );
});
