import { assert, assertEquals } from "@std/assert";
import { projectPath } from "../stack/machine/project_path.ts";
import { listFiles } from "./project_files.ts";

/** Tests with their helpers, and the generated types of the database. */
const WITHOUT_DOCS = /_test\.ts$|fakes\.ts$|database\.types\.ts$/;

/** Types of a package, and the generated ones: neither has docs here; and what these schemas infer, whose docs are in them. */
const OF_OTHERS =
  /references private type '(?:PostgrestClient|Database|output|InferOutput|trigger|settledRow|claimedAhead|fate|projectAnswer|refusal)'/;

Deno.test("the function's API docs are complete", async () => {
  const files = await listFiles(/^supabase\/functions\/.*\.ts$/);
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", ...files.filter((file) => !WITHOUT_DOCS.test(file))],
    cwd: projectPath("."),
    env: { NO_COLOR: "1" },
  }).output();
  const output = new TextDecoder().decode(stderr);
  const found = [...output.matchAll(/^error\[([\w-]+)\]: (.*)\n *--> (.*)$/gm)]
    .map(([, rule = "", message = "", place = ""]) => `${place} ${rule}: ${message}`);
  assertEquals(found.filter((error) => !OF_OTHERS.test(error)), []);
  // What ends otherwise says nothing about the docs.
  const ended = /Found (\d+) documentation lint errors?|Checked \d+ files/.exec(output);
  assert(ended !== null && Number(ended[1] ?? 0) === found.length, output);
});
