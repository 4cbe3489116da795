import { denoStep, denoTestsTogetherStep, type Sequence } from "./steps.ts";
import { unitTestFiles } from "./test_files.ts";

const FUNCTION_FOLDER = "supabase/functions/hlf-sync";

/** What takes seconds and needs nothing but Deno: format, lint and types, and meanwhile the unit tests. */
export const QUICK_STEPS: readonly [Sequence, Sequence] = [
  [
    denoStep("Format", ["fmt", "--check"]),
    denoStep("Format of the function by its own settings", [
      "fmt",
      "--check",
      `--config=${FUNCTION_FOLDER}/deno.json`,
      FUNCTION_FOLDER,
    ]),
    denoStep("Lint", ["lint"]),
    denoStep("Types", ["check", "."]),
  ],
  [denoTestsTogetherStep("Unit tests", await unitTestFiles())],
];
