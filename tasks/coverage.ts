/**
 * Says which lines the unit tests reach, file by file. What only a stack or a browser reaches is not in it.
 *
 * @module
 */
import { runCommand } from "./run_command.ts";
import { denoStep, denoTestsTogetherStep, runSteps } from "./steps.ts";
import { unitTestFiles } from "./test_files.ts";

const FOLDER = "coverage";
/** What is generated, and what stands in for something else in tests. */
const WITHOUT = /database\.types\.ts|fakes\.ts|testing\.ts|_test\.tsx?$|\/(tests|bench)\//;

await runCommand(async () =>
  runSteps([
    denoTestsTogetherStep("Unit tests", await unitTestFiles(), {}, [
      "--clean",
      `--coverage=${FOLDER}`,
      "--coverage-raw-data-only",
    ]),
    denoStep("Coverage", ["coverage", `--exclude=${WITHOUT.source}`, FOLDER]),
  ])
);
