/**
 * `deno task adopt`: puts hlf-sync into an app on Supabase, or upgrades it there.
 *
 * @module
 */
import { resolve } from "node:path";
import { runCli } from "../cli/run_cli.ts";
import { adopt, prepareCore } from "./adopt.ts";
import { readArguments, USAGE } from "./arguments.ts";
import { RELEASE } from "../../supabase/functions/_shared/release.ts";
import { describe } from "./report.ts";

async function main(): Promise<number> {
  const read = readArguments(Deno.args);
  if (read.kind === "help") {
    console.log(USAGE);
    return 0;
  }
  // A task runs in this project's folder, wherever it was called.
  const folder = resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), read.folder);
  const plan = await adopt(await prepareCore(read.adapter, console.log), folder, read);
  for (const line of describe(plan, RELEASE, read.adapter !== "template")) console.log(line);
  return 0;
}

if (import.meta.main) await runCli(main);
