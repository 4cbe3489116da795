/**
 * Writes settings from the environment as a file for `supabase secrets set --env-file`:
 * `deno task deploy:secrets NAME… > file`.
 *
 * @module
 */
import { runCli } from "../cli/run_cli.ts";
import { OperationError } from "../cli/errors.ts";
import { formatEnvFile } from "./env_file.ts";

await runCli(() => {
  const names = Deno.args;
  if (names.length === 0) throw new OperationError("usage", "Name the settings to write");
  const missing = names.filter((name) => !Deno.env.get(name));
  if (missing.length > 0) {
    throw new OperationError("usage", `Not set, or empty: ${missing.join(", ")}`);
  }
  const settings = Object.fromEntries(names.map((name) => [name, Deno.env.get(name) ?? ""]));
  Deno.stdout.writeSync(new TextEncoder().encode(formatEnvFile(settings)));
  return Promise.resolve(0);
});
