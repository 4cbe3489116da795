/**
 * Everything that can be tested with nothing installed: format, lint, types, unit tests, pgTAP and end to end on PGlite.
 *
 * @module
 */
import { QUICK_STEPS } from "./quick_steps.ts";
import { runCommand } from "./run_command.ts";
import { denoStackTestStep, denoStep, runSteps } from "./steps.ts";
import { EMBEDDED, END_TO_END } from "./test_files.ts";
import { readSummaryTotals } from "./totals.ts";

const [checks, unitTests] = QUICK_STEPS;

// What runs on a stack waits a lot, so the rest runs meanwhile.
await runCommand(() =>
  runSteps(
    [
      denoStackTestStep("The stack, and end to end on PGlite", [...EMBEDDED, ...END_TO_END], {
        HLF_DB: "pglite",
      }),
    ],
    [
      ...checks,
      ...unitTests,
      denoStep("pgTAP on PGlite", ["run", "-A", "tasks/pgtap.ts"], { totals: readSummaryTotals }),
    ],
  )
);
