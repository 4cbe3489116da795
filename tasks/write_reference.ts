/**
 * Writes the pages of `docs/reference/` that derive from the code.
 *
 * @module
 */
import { runCommand } from "./run_command.ts";
import { writePages } from "./reference/pages.ts";

await runCommand(async () => {
  await writePages();
  return 0;
});
