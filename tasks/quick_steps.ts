import { denoStep, denoTestStep, type Step } from "./steps.ts";
import { unitTestFiles } from "./test_files.ts";

const FUNCTION_FOLDER = "supabase/functions/hlf-sync";

/** What takes seconds and needs nothing but Deno: format, lint, types and unit tests. */
export async function quickSteps(): Promise<Step[]> {
  return [
    denoStep("Format", ["fmt", "--check"]),
    denoStep("Format of the function by its own settings", [
      "fmt",
      "--check",
      `--config=${FUNCTION_FOLDER}/deno.json`,
      FUNCTION_FOLDER,
    ]),
    denoStep("Lint", ["lint"]),
    denoStep("Types", ["check", "."]),
    denoTestStep("Unit tests", ["--no-check", "--parallel", ...await unitTestFiles()]),
  ];
}
