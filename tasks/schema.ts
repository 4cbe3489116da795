/**
 * Writes `supabase/schema.sql` anew, the whole current database in one file; with `--check` only says whether it is current.
 *
 * @module
 */
import { generateSchema, SCHEMA_PATH } from "./generate_schema.ts";
import { runCommand } from "./run_command.ts";
import { writeGenerated } from "./write_generated.ts";

await runCommand(() =>
  writeGenerated({
    path: SCHEMA_PATH,
    content: "contents of supabase/schema.sql",
    task: "schema",
    generate: generateSchema,
  }, Deno.args)
);
