import type { Environment } from "../../supabase/functions/_shared/settings.ts";
import type { Terminal } from "../cli/terminal/terminal.ts";
import type { Words } from "./words/english.ts";

/** The person at the terminal. */
export interface Person {
  readonly terminal: Terminal;
  readonly environment: Environment;
  /** In the language that they read. */
  readonly words: Words;
}
