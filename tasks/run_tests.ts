/**
 * Everything that can be tested with nothing installed: format, lint, types, unit tests, pgTAP and end to end on PGlite.
 *
 * @module
 */
import { runCommand } from "./run_command.ts";
import { denoStackTestStep, denoStep, denoTestStep, runSteps } from "./steps.ts";
import { END_TO_END, ON_A_SERVER, SCENARIOS, testFiles } from "./test_files.ts";
import { readSummaryTotals } from "./totals.ts";

const FUNCTION_FOLDER = "supabase/functions/hlf-sync";

await runCommand(async () =>
  runSteps([
    denoStep("Format", ["fmt", "--check"]),
    denoStep("Format of the function by its own settings", [
      "fmt",
      "--check",
      `--config=${FUNCTION_FOLDER}/deno.json`,
      FUNCTION_FOLDER,
    ]),
    denoStep("Lint", ["lint"]),
    denoStep("Types", ["check", "."]),
    denoTestStep(
      "Unit tests",
      // What needs a stack, a server or a browser has a step or a command of its own.
      await testFiles(
        [
          "supabase/functions",
          "simulator",
          "stack",
          "console",
          "operations",
          "tasks",
          "tests",
          "bench",
        ],
        [...END_TO_END, ...SCENARIOS, ...ON_A_SERVER, "tests/console"],
      ),
    ),
    denoStep("pgTAP on PGlite", ["run", "-A", "tasks/pgtap.ts"], {
      totals: readSummaryTotals,
    }),
    denoStackTestStep("End to end on PGlite", END_TO_END, { HLF_DB: "pglite" }),
  ])
);
