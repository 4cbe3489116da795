/**
 * Writes `supabase/schema.sql` anew, the whole current database in one file, and the pages that derive from it; with `--check`
 * only says whether it is current.
 *
 * @module
 */
import { generateSchema, SCHEMA_PATH } from "./generate_schema.ts";
import { writePages } from "./reference/pages.ts";
import { runCommand } from "./run_command.ts";
import { writeGenerated } from "./write_generated.ts";

await runCommand(async () => {
  const code = await writeGenerated({
    path: SCHEMA_PATH,
    content: "contents of supabase/schema.sql",
    task: "schema",
    generate: generateSchema,
  }, Deno.args);
  if (!Deno.args.includes("--check")) await writePages();
  return code;
});
