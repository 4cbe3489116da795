import { projectPath } from "../stack/machine/project_path.ts";

/** What is fetched, built or generated. */
const NOT_OURS = new Set([
  "node_modules",
  "dist",
  "coverage",
  ".git",
  ".data",
  ".temp",
  ".branches",
]);

/** The project's own files whose path matches, as paths from its root, sorted. */
export async function listFiles(pattern: RegExp): Promise<string[]> {
  const found: string[] = [];
  await collect("", pattern, found);
  return found.sort();
}

async function collect(folder: string, pattern: RegExp, found: string[]): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(projectPath(folder))) {
    if (NOT_OURS.has(name)) continue;
    const path = `${folder}${name}`;
    if (isDirectory) await collect(`${path}/`, pattern, found);
    else if (pattern.test(path)) found.push(path);
  }
}
