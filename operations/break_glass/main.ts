/**
 * `deno task break-glass`: brings the website into step by hand while hlf-sync is down.
 *
 * @module
 */
import { endWith } from "../end_with.ts";
import { createTerminal, systemConsole } from "../terminal/terminal.ts";
import { readArguments, USAGE } from "./arguments.ts";
import { importIntoLog } from "./import_command.ts";
import { breakGlassOffline } from "./offline_command.ts";
import { breakGlass } from "./online_command.ts";

async function main(): Promise<number> {
  const mode = readArguments(Deno.args);
  const terminal = createTerminal(systemConsole());
  const environment = Deno.env.toObject();
  switch (mode.kind) {
    case "help":
      terminal.say(USAGE);
      return 0;
    case "online":
      return await breakGlass(terminal, environment);
    case "offline":
      return await breakGlassOffline(terminal, environment, mode);
    case "import":
      return await importIntoLog(terminal, environment, mode.journal);
  }
}

if (import.meta.main) await endWith(main);
