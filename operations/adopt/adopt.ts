import { dirname } from "node:path";
import { bundleFunction, FUNCTION_BUNDLE } from "../../stack/functions/bundle.ts";
import { StackError } from "../../stack/machine/errors.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import { OperationError } from "../cli/errors.ts";
import { type AdapterChoice, type CoreFiles, readCore } from "./core_files.ts";
import { readHost } from "./host_files.ts";
import { type Plan, planAdoption } from "./plan.ts";
import { RELEASE } from "../../supabase/functions/_shared/release.ts";

/** Bundles the function and reads everything else that this release brings. */
export async function prepareCore(
  adapter: AdapterChoice,
  tell: (line: string) => void,
): Promise<CoreFiles> {
  await bundleFunction({ tell }).catch((error) => {
    if (!(error instanceof StackError)) throw error;
    throw new OperationError("unreachable", error.message, { cause: error });
  });
  return await readCore(adapter, await Deno.readTextFile(projectPath(FUNCTION_BUNDLE)));
}

/**
 * Puts a release into the folder of an app, or upgrades it there.
 *
 * @returns what was done
 * @throws {OperationError} `refused`, with everything that is in the way
 */
export async function adopt(
  core: CoreFiles,
  folder: string,
  { certifications }: { readonly certifications?: "with" | "without" },
  { release = RELEASE, now = new Date() } = {},
): Promise<Plan> {
  const plan = planAdoption(core, await readHost(folder), { release, now, certifications });
  if (plan.problems.length > 0) {
    throw new OperationError(
      "refused",
      ["Nothing was written:", ...plan.problems.map((problem) => `- ${problem}`)].join("\n"),
    );
  }
  for (const { path, text } of plan.writes) {
    await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  for (const path of plan.removals) await Deno.remove(`${folder}/${path}`);
  return plan;
}
