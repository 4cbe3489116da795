import { dirname } from "node:path";
import { projectPath } from "../machine/project_path.ts";
import { type Fetching, runFetching } from "../machine/run_fetching.ts";

/** What `supabase/config.toml` names as the function's entrypoint: served here and in Docker, and deployed. */
export const FUNCTION_BUNDLE = "supabase/functions/hlf-sync/dist/index.js";

const FUNCTION_SOURCE = "supabase/functions/hlf-sync/index.ts";

/** A package's file as esbuild names it: by the way to Deno's cache on the machine that bundles. */
const CACHED_FILE =
  /[^\s"'`]*\/npm\/[^/\s"'`]+\/((?:@[\w.-]+\/)?[\w.-]+)\/(\d+\.\d+\.\d+[\w.+-]*)\//g;

/** Lines of documentation, each empty or with its star: the bundler leaves those above a line of a class. */
const DOCUMENTATION =
  /^[ \t]*\/\*\*[ \t]*\n(?:[ \t]*(?:\*(?!\/)(?:(?!\*\/).)*)?\n)*[ \t]*\*\/[ \t]*\n/gm;

/** The bundler's part: what it makes is then stripped here. */
export const BUNDLER: readonly string[] = [
  "bundle",
  "--quiet",
  "--config=deno.json",
  "--frozen",
  // Web standards only, as the edge runtime has them. For the platform `deno` tslib's CommonJS is chosen, and
  // wrapped so that it does not start.
  "--platform=browser",
];

/** Makes the function's bundle anew. */
export async function bundleFunction(fetching: Fetching): Promise<void> {
  await bundle(FUNCTION_SOURCE, FUNCTION_BUNDLE, fetching);
}

/**
 * Bundles a program with everything it imports, in the versions of the project's lock file, down to the last transitive
 * one. It stays readable (names and lines are kept, each file begins with a comment that names it), since starting a
 * minified one takes as long; only the packages' documentation is left out, a quarter of it. It is the same wherever it
 * is made.
 *
 * @throws {StackError} `packages_missing`
 */
export async function bundle(source: string, output: string, fetching: Fetching): Promise<void> {
  const path = projectPath(output);
  await Deno.mkdir(dirname(path), { recursive: true });
  // Several stacks may start at once: each bundles for itself, and the last rename wins.
  const unfinished = `${path}.${crypto.randomUUID()}`;
  try {
    await runFetching([...BUNDLER, `--output=${unfinished}`, source], fetching);
    const text = await Deno.readTextFile(unfinished);
    await Deno.writeTextFile(unfinished, withoutDocumentation(nameByPackage(text)));
    await Deno.rename(unfinished, path);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {});
    throw error;
  }
}

/** Names the files of packages by package and version, so that nothing tells where the bundle was made. */
export function nameByPackage(text: string): string {
  return text.replace(CACHED_FILE, "npm:$1@$2/");
}

/**
 * Leaves out what a cold isolate would read for nothing. It knows nothing of templates, so a test compares the function's
 * bundle with what the bundler wrote, token by token.
 */
export function withoutDocumentation(code: string): string {
  return code.replace(
    DOCUMENTATION,
    (comment) => /@license|@preserve/.test(comment) ? comment : "",
  );
}
