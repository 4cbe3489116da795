import { projectPath } from "../../stack/machine/project_path.ts";

/** The scripts of a GitHub workflow's steps, in their order; `uses:` steps are left out. */
export async function readScripts(workflow: string): Promise<string[]> {
  const text = await Deno.readTextFile(projectPath(`.github/workflows/${workflow}`));
  const [, steps = ""] = text.split(/^ {4}steps:\n/m);
  return steps.split(/^ {6}- /m).flatMap((step) => {
    const block = step.match(/^(?: {8})?run: \|\n((?: {10}.*\n?|\n)+)/m)?.[1];
    const line = step.match(/^(?: {8})?run: (?!\|)(.+)$/m)?.[1];
    const script = block?.replace(/^ {10}/gm, "") ?? line;
    return script === undefined ? [] : [script];
  });
}
