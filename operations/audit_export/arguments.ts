import { parseArguments, usageError } from "../cli/arguments.ts";
import { readDay } from "./days.ts";
import type { ExportRange } from "./export.ts";

export const EXPORT_USAGE = `Writes the audit log to CSV files with checksums and seals.

  deno task audit:export --from 2026-11-01 --to 2026-11-30 --out DIRECTORY
  deno task audit:export --partition 2026 --out DIRECTORY   a whole year, also when it is detached

Days are in UTC; all of them must be sealed. DATABASE_URL is the URL of the database, for a hosted
project that of the role postgres.`;

export const VERIFY_USAGE = `Checks exports of the audit log with nothing but their files.

  deno task audit:verify DIRECTORY [DIRECTORY …]   several must follow one another

Ends with 0 when everything matches, else with 1.`;

type ExportArguments =
  | { readonly kind: "help" }
  | {
    readonly kind: "export";
    readonly range: ExportRange;
    readonly partition: number | null;
    readonly directory: string;
  };

/** @throws {OperationError} `usage` */
export function readExportArguments(args: readonly string[]): ExportArguments {
  const { help, from, to, partition, out } = parseArguments({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h", default: false },
      from: { type: "string" },
      to: { type: "string" },
      partition: { type: "string" },
      out: { type: "string" },
    },
  }).values;
  if (help) return { kind: "help" };
  if (out === undefined || out === "") throw usageError("--out is missing");
  if (partition !== undefined) {
    if (from !== undefined || to !== undefined) throw usageError("--partition is a whole year");
    if (!/^2\d{3}$/.test(partition)) throw usageError("--partition must be a year");
    const range = { from: `${partition}-01-01`, to: `${partition}-12-31` };
    return { kind: "export", range, partition: Number(partition), directory: out };
  }
  if (from === undefined || to === undefined) throw usageError("--from and --to are needed");
  const range = { from: readDay(from, "--from"), to: readDay(to, "--to") };
  return { kind: "export", range, partition: null, directory: out };
}
