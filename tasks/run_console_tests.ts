/**
 * The coordinator's page in a real browser, against a stack of its own.
 *
 * @module
 */
import { runCommand } from "./run_command.ts";
import { denoTestStep, runSteps } from "./steps.ts";

await runCommand(() => runSteps([denoTestStep("The page in Chromium", ["tests/console"])]));
