import { parseArgs } from "node:util";
import { OperationError } from "../errors.ts";

export type Mode =
  | { readonly kind: "help" }
  | { readonly kind: "online" }
  /** @property journal a file to go on with; a new one when left out */
  | { readonly kind: "offline"; readonly list: string; readonly journal: string | null }
  | { readonly kind: "import"; readonly journal: string };

export const USAGE = `Brings the website into step by hand while hlf-sync is down.

  deno task break-glass                        asks for everything, with the database
  deno task break-glass --offline mentors.csv  without the database: a column mentor_id and, where
                                               not all are to be removed, a column operation
      --journal file.jsonl                     goes on with the journal of an earlier run
  deno task break-glass --import file.jsonl    writes a journal into the audit log, once

Ends with 0 only when everything is in step. Passwords and secrets are asked for, never arguments.
Taken from the environment as defaults: SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY,
HLF_ADMINISTRATOR_EMAIL, DYNAMICS_URL, DYNAMICS_TENANT_ID, DYNAMICS_CLIENT_ID.`;

const OPTIONS = {
  help: { type: "boolean", short: "h", default: false },
  offline: { type: "string" },
  journal: { type: "string" },
  import: { type: "string" },
} as const;

/** @throws {OperationError} `usage` */
export function readArguments(args: readonly string[]): Mode {
  const { help, offline, journal, import: imported } = parse(args);
  if (help) return { kind: "help" };
  if (imported !== undefined) {
    if (offline !== undefined || journal !== undefined) {
      throw usage("--import goes with no other option");
    }
    return { kind: "import", journal: imported };
  }
  if (offline !== undefined) return { kind: "offline", list: offline, journal: journal ?? null };
  if (journal !== undefined) throw usage("--journal goes with --offline only");
  return { kind: "online" };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw usage("there is an option that is not known, or lacks its file", { cause: error });
  }
}

/** What was typed is not repeated: it may be a secret in the wrong place. */
function usage(problem: string, options?: ErrorOptions): OperationError {
  return new OperationError("usage", `Cannot read the arguments: ${problem}. See --help`, options);
}
