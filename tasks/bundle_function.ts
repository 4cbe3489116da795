/**
 * Makes the function's bundle, which `supabase/config.toml` names: what is served in Docker and deployed.
 *
 * @module
 */
import { bundleFunction, FUNCTION_BUNDLE } from "../stack/functions/bundle.ts";
import { projectPath } from "../stack/machine/project_path.ts";
import { runCommand } from "./run_command.ts";

await runCommand(async () => {
  await bundleFunction({ tell: console.log });
  const { size } = await Deno.stat(projectPath(FUNCTION_BUNDLE));
  console.log(`${FUNCTION_BUNDLE}: ${Math.round(size / 1000)} kB`);
  return 0;
});
