import { projectPath } from "../../stack/machine/project_path.ts";

/** A block of code of a guide, in the language that it is marked with. */
interface GuideBlock {
  readonly language: string;
  readonly code: string;
}

/**
 * Reads the blocks of one section of a guide in their order, so that a test does what the guide says and neither can change
 * without the other. Indentation below a list's item is taken off.
 *
 * @throws {Error} when the section has none
 */
export async function readGuide(path: string, heading: string): Promise<GuideBlock[]> {
  const text = await Deno.readTextFile(projectPath(path));
  const section = text.split(/^(?=## )/m).find((part) => part.startsWith(`## ${heading}\n`)) ?? "";
  const blocks = [...section.matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$/gm)].map((
    [, indentation = "", language = "", code = ""],
  ) => ({ language, code: code.replaceAll(new RegExp(`^${indentation}`, "gm"), "") }));
  if (blocks.length === 0) throw new Error(`${path} has no blocks of code under "${heading}"`);
  return blocks;
}
