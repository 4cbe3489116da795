/**
 * `deno task break-glass`: brings the website into sync by hand while hlf-sync is down.
 *
 * @module
 */
import { runCli, toOperationError } from "../cli/run_cli.ts";
import { systemConsole } from "../cli/terminal/system_console.ts";
import { createTerminal } from "../cli/terminal/terminal.ts";
import { readArguments, readLanguageArgument, terminalLanguage, WORDS } from "./arguments.ts";
import { importIntoLog } from "./journal.ts";
import { writeListingFile } from "./listing_file.ts";
import { breakGlassOffline } from "./offline.ts";
import { breakGlass } from "./online.ts";
import type { Words } from "./words/english.ts";

async function main(): Promise<number> {
  const environment = Deno.env.toObject();
  const spoken = terminalLanguage(environment, navigator.language);
  const words = WORDS[readLanguageArgument(Deno.args, spoken)];
  try {
    return await run(environment, words);
  } catch (error) {
    throw toOperationError(error, words);
  }
}

async function run(environment: Record<string, string>, words: Words): Promise<number> {
  const mode = readArguments(Deno.args, words);
  if (mode.kind === "help" || mode.kind === "prepare") {
    // Whoever reads this has all of it: the task fetches every package before it starts, and imports all of them.
    console.log(mode.kind === "help" ? words.usage : words.prepared(Deno.version.deno));
    return 0;
  }
  const terminal = createTerminal(systemConsole(), words.terminal);
  const person = { terminal, environment, words };
  switch (mode.kind) {
    case "online":
      return await breakGlass(person);
    case "offline":
      return await breakGlassOffline(person, mode);
    case "import":
      return await importIntoLog(person, mode.journal);
    case "list":
      return await writeListingFile(person, mode.path);
  }
}

if (import.meta.main) await runCli(main);
