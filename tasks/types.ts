/**
 * Writes the TypeScript types of the database anew; with `--check` only says whether they are current.
 *
 * @module
 */
import { generateTypes, TYPES_PATH } from "./generate_types.ts";
import { runCommand } from "./run_command.ts";
import { writeGenerated } from "./write_generated.ts";

await runCommand(() =>
  writeGenerated({
    path: TYPES_PATH,
    content: "types of the database",
    task: "types",
    generate: generateTypes,
  }, Deno.args)
);
