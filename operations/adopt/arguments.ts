import { parseArgs } from "node:util";
import { OperationError } from "../errors.ts";
import type { AdapterChoice } from "./core_files.ts";

export const USAGE =
  `Puts hlf-sync into an app on Supabase, or upgrades it there; docs/guides/adopting.md tells the rest.

  deno task adopt FOLDER [--without certifications] [--example b|c]

Say --without certifications each time, also for an upgrade: a run without it adds the module. What is there is not taken out.

FOLDER is the app's, the one that has supabase/config.toml in it. Nothing of the app's own is changed but config.toml, which
gets a section for the function. Where anything is in the way nothing is written, and all of it is said.`;

export type AdoptArguments =
  | { readonly kind: "help" }
  | {
    readonly kind: "adopt";
    readonly folder: string;
    readonly withoutCertifications: boolean;
    readonly adapter: AdapterChoice;
  };

/** @throws {OperationError} `usage` */
export function readArguments(args: readonly string[]): AdoptArguments {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: "help" };
  const { without, example } = values;
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) throw usage("one folder is needed");
  if (without !== undefined && without !== "certifications") {
    throw usage("only certifications can be left out");
  }
  if (example !== undefined && example !== "b" && example !== "c") {
    throw usage("the examples are b and c");
  }
  return {
    kind: "adopt",
    folder,
    withoutCertifications: without !== undefined,
    adapter: example ?? "template",
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h", default: false },
        without: { type: "string" },
        example: { type: "string" },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : "unknown", { cause: error });
  }
}

function usage(problem: string, options?: ErrorOptions): OperationError {
  return new OperationError("usage", `Cannot read the arguments: ${problem}. See --help`, options);
}
