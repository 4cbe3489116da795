import { startDeno } from "../machine/deno_process.ts";
import { StackError } from "../machine/errors.ts";
import { projectPath } from "../machine/project_path.ts";
import { lastWords } from "../machine/until_it_answers.ts";

/** The version that deno.json pins; a template of another version would not start. */
export const PGLITE_VERSION = "0.4.5";

/**
 * The data directory of a freshly initialised PGlite, as an archive.
 *
 * PGlite's own initdb takes seconds and leaves hundreds of megabytes behind in the process that ran it, so it runs
 * once, in a process of its own, and what it made is kept in `stack/.data/`.
 */
export async function readPgliteTemplate(): Promise<Uint8Array> {
  const path = projectPath(`stack/.data/pglite-${PGLITE_VERSION}.tar`);
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await makeTemplate(path);
  return await Deno.readFile(path);
}

async function makeTemplate(path: string): Promise<void> {
  await Deno.mkdir(projectPath("stack/.data"), { recursive: true });
  // Several stacks may start at once: each makes its own, and the last rename wins.
  const unfinished = `${path}.${crypto.randomUUID()}`;
  const process = startDeno({
    name: "PGlite's initdb",
    program: "stack/database/make_pglite_template.ts",
    flags: ["-A"],
    args: [unfinished],
  });
  const { success } = await process.ended;
  if (!success) {
    throw new StackError(
      `PGlite could not initialise a database: ${lastWords(process)}`,
      "process_ended",
    );
  }
  await Deno.rename(unfinished, path);
}
