/**
 * The coordinators' page in real browsers, against stacks of its own. `SCENARIO` names a part of it.
 *
 * @module
 */
import { runCommand } from "./run_command.ts";
import { denoStackTestStep, runSteps } from "./steps.ts";
import { IN_A_BROWSER } from "./test_files.ts";

await runCommand(() =>
  runSteps([denoStackTestStep("The page in Chromium and Firefox", IN_A_BROWSER, {})])
);
