/**
 * What to run before each commit: format, lint, types and unit tests.
 *
 * @module
 */
import { QUICK_STEPS } from "./quick_steps.ts";
import { runCommand } from "./run_command.ts";
import { runSteps } from "./steps.ts";

await runCommand(() => runSteps(...QUICK_STEPS));
