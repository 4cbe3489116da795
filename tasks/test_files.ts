import { StackError } from "../stack/machine/errors.ts";
import { projectPath } from "../stack/machine/project_path.ts";

/** Parts of a stack that need an embedded database. */
export const EMBEDDED: readonly string[] = ["tests/pglite"];

/** The engine, against a stack. */
export const ENGINE: readonly string[] = ["tests/e2e"];

/** Of the engine, what takes as long as all the rest of it. */
export const OUTAGES: readonly string[] = ["tests/e2e/outages_test.ts"];

/** What people do and see, against a stack. */
export const OPERATIONS: readonly string[] = ["tests/operations"];

/** That nobody's name or address is kept, in ten thousand cases: takes as long as what people do. */
export const PERSONAL_DATA: readonly string[] = ["tests/personal_data"];

/** Both, where they run one after the other. */
export const PEOPLE: readonly string[] = [...OPERATIONS, ...PERSONAL_DATA];

/** What needs a PostgreSQL server, or the Supabase CLI. */
export const ON_A_SERVER: readonly string[] = ["tests/deploy", "tests/hosts", "tests/postgres"];

/** Stories of the whole engine, each with a stack of several processes of its own. */
export const SCENARIOS: readonly string[] = ["tests/chaos/scenarios"];

/** The coordinators' page. */
export const IN_A_BROWSER: readonly string[] = ["tests/console"];

const ROOMS = [
  "supabase/functions",
  "simulator",
  "stack",
  "console",
  "operations",
  "tasks",
  "tests",
  "bench",
];

/** What needs neither a stack nor a server or browser. */
export async function unitTestFiles(): Promise<string[]> {
  return await testFiles(ROOMS, [
    ...EMBEDDED,
    ...ENGINE,
    ...PEOPLE,
    ...SCENARIOS,
    ...ON_A_SERVER,
    ...IN_A_BROWSER,
  ]);
}

/**
 * Those of the files that have one of the words in their path; all of them if there is no word.
 *
 * @throws {StackError} `bad_arguments` when there are none
 */
export function named(words: readonly string[], files: readonly string[]): string[] {
  const found = files.filter((file) =>
    words.length === 0 || words.some((word) => file.includes(word))
  );
  if (found.length > 0) return found;
  throw new StackError(`No test has ${words.join(" or ")} in its name`, "bad_arguments");
}

/**
 * Lists the test files below `folders`, except those below `without`.
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
