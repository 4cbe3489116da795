/**
 * What to run before each commit: format, lint, types and unit tests.
 *
 * @module
 */
import { quickSteps } from "./quick_steps.ts";
import { runCommand } from "./run_command.ts";
import { runSteps } from "./steps.ts";

await runCommand(async () => runSteps(await quickSteps()));
