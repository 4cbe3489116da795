import { dirname } from "node:path";
import { SUPABASE_CLI } from "../../tasks/supabase_cli.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import { findPostgresBinaries } from "../../stack/postgres/binaries.ts";

/**
 * Has the CLI print the script that a line of the guide such as `npx supabase@… db dump … -f schema.sql` would run in Docker,
 * where it has its pg_dump.
 *
 * @param environment What the line's variables stand for.
 */
export async function printDumpScript(
  line: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ file: string; script: string }> {
  const file = line.match(/ -f (\S+)/)?.[1];
  if (!line.startsWith(`npx ${SUPABASE_CLI} db dump `) || file === undefined) {
    throw new Error(`This is no dump: ${line}`);
  }
  return { file, script: await runShell(`${line} --dry-run`, environment) };
}

/**
 * Runs a script in bash, with the server's own client programs first in the PATH and nobody to ask.
 *
 * @returns what it printed
 * @throws {Error} with what it complained of
 */
export async function runShell(
  script: string,
  environment: Readonly<Record<string, string>> = {},
  directory = projectPath("."),
): Promise<string> {
  const installed = await findPostgresBinaries();
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", script],
    cwd: directory,
    env: {
      PATH: [dirname(installed?.postgres ?? ""), Deno.env.get("PATH") ?? ""].join(":"),
      DO_NOT_TRACK: "1",
      npm_config_yes: "true",
      SUPABASE_YES: "true",
      ...environment,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${script}\n${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
