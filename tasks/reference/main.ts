/**
 * Writes the pages of `docs/reference/` that derive from the code.
 *
 * @module
 */
import { projectPath } from "../../stack/machine/project_path.ts";
import { runCommand } from "../run_command.ts";
import { PAGES } from "./pages.ts";

await runCommand(async () => {
  for (const [path, make] of Object.entries(PAGES)) {
    await Deno.writeTextFile(projectPath(path), await make());
  }
  return 0;
});
