import { StackError } from "../stack/machine/errors.ts";
import { projectPath } from "../stack/machine/project_path.ts";
import { SUPABASE_CLI } from "./supabase_cli.ts";

/** Where the types of the database lie, for the function to import. */
export const TYPES_PATH = projectPath("supabase/functions/_shared/database.types.ts");

/**
 * TypeScript types of the schema `public` of a database, formatted as the project is.
 * <https://supabase.com/docs/guides/api/rest/generating-types>
 *
 * @throws {StackError} `server_failed` with what the CLI said
 */
export async function generateTypes(databaseUrl: string): Promise<string> {
  const generated = await run("npx", [
    "-y",
    SUPABASE_CLI,
    "gen",
    "types",
    "--lang=typescript",
    "--schema=public",
    `--remote=${databaseUrl}`,
  ]);
  return await run(Deno.execPath(), ["fmt", "--ext=ts", "-"], generated);
}

async function run(command: string, args: string[], input = ""): Promise<string> {
  const child = new Deno.Command(command, {
    args,
    cwd: projectPath("."),
    env: { NO_COLOR: "1", DO_NOT_TRACK: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ success, stdout, stderr }] = await Promise.all([
    child.output(),
    new Blob([input]).stream().pipeTo(child.stdin),
  ]);
  if (success) return new TextDecoder().decode(stdout);
  const reason = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new StackError(`Cannot generate the types: ${reason}`, "server_failed");
}
