/**
 * The coordinator's page in a real browser, against a stack of its own.
 *
 * @module
 */
import { runCommand } from "./run_command.ts";
import { denoTestStep, runSteps } from "./steps.ts";
import { IN_A_BROWSER } from "./test_files.ts";

await runCommand(() => runSteps([denoTestStep("The page in Chromium", IN_A_BROWSER)]));
