/**
 * Everything that can be tested with nothing installed: format, lint, types, unit tests, pgTAP and end to end on PGlite.
 *
 * @module
 */
import { runCommand } from "./run_command.ts";
import { denoStep, denoTestStep, runSteps } from "./steps.ts";
import { readSummaryTotals } from "./totals.ts";

const FUNCTION_FOLDER = "supabase/functions/hlf-sync";

await runCommand(() =>
  runSteps([
    denoStep("Format", ["fmt", "--check"]),
    denoStep("Lint", ["lint"]),
    denoStep("Types", ["check", "."]),
    denoStep("Types of the function as it is deployed", [
      "check",
      `--config=${FUNCTION_FOLDER}/deno.json`,
      `${FUNCTION_FOLDER}/index.ts`,
    ]),
    denoTestStep("Unit tests", [
      // What needs a stack, a server or a browser has a step or a command of its own. Before the paths: what stands
      // behind them goes to the tests.
      "--ignore=local/e2e,local/postgres,local/chaos/scenarios,operations/e2e,console/e2e",
      "supabase/functions",
      "local",
      "operations",
      "console",
      "bench",
    ]),
    denoStep("pgTAP on PGlite", ["run", "-A", "local/commands/pgtap.ts"], {
      totals: readSummaryTotals,
    }),
    denoTestStep("End to end on PGlite", ["local/e2e", "operations/e2e"], {
      environment: { HLF_DB: "pglite" },
    }),
  ])
);
