/**
 * Writes the pages of `docs/reference/` that derive from the code.
 *
 * @module
 */
import { projectPath } from "../../stack/machine/project_path.ts";
import { runCommand } from "../run_command.ts";
import { describeFailureClasses } from "./failure_classes.ts";

await runCommand(async () => {
  await Deno.writeTextFile(projectPath("docs/reference/errors.md"), describeFailureClasses());
  return 0;
});
