/**
 * Everything that can be tested with nothing installed: format, lint, types, unit tests, pgTAP and end to end on PGlite.
 *
 * @module
 */
import { QUICK_STEPS } from "./quick_steps.ts";
import { runCommand } from "./run_command.ts";
import { denoStep, denoTestsTogetherStep, runSteps, type Step } from "./steps.ts";
import { EMBEDDED, ENGINE, PEOPLE, testFiles } from "./test_files.ts";
import { readSummaryTotals } from "./totals.ts";

const [checks, unitTests] = QUICK_STEPS;

async function onPglite(title: string, folders: readonly string[]): Promise<Step> {
  return denoTestsTogetherStep(title, await testFiles(folders), { HLF_DB: "pglite" });
}

// What runs on a stack waits a lot, so the rest runs meanwhile: three sequences of about the same length.
await runCommand(async () =>
  runSteps(
    [await onPglite("The engine on PGlite", ENGINE)],
    [await onPglite("What people do on PGlite", PEOPLE)],
    [
      ...checks,
      ...unitTests,
      denoStep("pgTAP on PGlite", ["run", "-A", "tasks/pgtap.ts"], { totals: readSummaryTotals }),
      await onPglite("The stack on PGlite", EMBEDDED),
    ],
  )
);
