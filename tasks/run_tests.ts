/**
 * Everything that can be tested with nothing installed: format, lint, types, unit tests, pgTAP and end to end on PGlite.
 *
 * @module
 */
import { QUICK_STEPS } from "./quick_steps.ts";
import { runCommand } from "./run_command.ts";
import { denoStep, denoTestsTogetherStep, runSteps, type Step } from "./steps.ts";
import { EMBEDDED, ENGINE, OPERATIONS, OUTAGES, PERSONAL_DATA, testFiles } from "./test_files.ts";
import { readSummaryTotals } from "./totals.ts";

const [checks, unitTests] = QUICK_STEPS;

function onPglite(title: string, files: readonly string[]): Step {
  return denoTestsTogetherStep(title, files, { HLF_DB: "pglite" });
}

// What runs on a stack waits a lot, so the rest runs meanwhile: five sequences of about the same length.
await runCommand(async () =>
  runSteps(
    [onPglite("Outages on PGlite", OUTAGES)],
    [onPglite("The engine on PGlite", await testFiles(ENGINE, OUTAGES))],
    [onPglite("Personal data on PGlite", await testFiles(PERSONAL_DATA))],
    [onPglite("What people do on PGlite", await testFiles(OPERATIONS))],
    [
      ...checks,
      ...unitTests,
      denoStep("pgTAP on PGlite", ["run", "-A", "tasks/pgtap.ts"], { totals: readSummaryTotals }),
      onPglite("The stack on PGlite", await testFiles(EMBEDDED)),
    ],
  )
);
