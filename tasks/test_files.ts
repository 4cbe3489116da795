import { projectPath } from "../stack/machine/project_path.ts";

/** What runs against a stack. */
export const END_TO_END: readonly string[] = [
  "tests/e2e",
  "tests/operations",
  "tests/personal_data",
];

/** What needs a PostgreSQL server, or the Supabase CLI. */
export const ON_A_SERVER: readonly string[] = ["tests/deploy", "tests/hosts", "tests/postgres"];

/** Stories of the whole engine, each with a stack of several processes of its own. */
export const SCENARIOS: readonly string[] = ["tests/chaos/scenarios"];

/**
 * Test files below some folders, but for those below others.
 *
 * `deno test --ignore` does not leave out what lies below a folder that is named itself.
 */
export async function testFiles(
  folders: readonly string[],
  without: readonly string[] = [],
): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) await collect(folder, without, found);
  return found.sort();
}

async function collect(folder: string, without: readonly string[], found: string[]): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(projectPath(folder))) {
    const path = `${folder}/${name}`;
    if (without.includes(path)) continue;
    if (isDirectory) await collect(path, without, found);
    else if (/_test\.tsx?$/.test(name)) found.push(path);
  }
}
