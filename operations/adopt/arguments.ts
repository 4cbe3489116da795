import { parseArguments, usageError } from "../cli/arguments.ts";
import type { AdapterChoice } from "./core_files.ts";

export const USAGE =
  `Puts hlf-sync into an app on Supabase, or upgrades it there; docs/guides/adopting.md tells the rest.

  deno task adopt FOLDER [--with|--without certifications] [--example b|c]

An upgrade leaves the module on certifications in, or out, as it was; --with certifications adds it later. It is not taken out.

FOLDER is the app's, the one that has supabase/config.toml in it. Nothing of the app's own is changed but config.toml, which
gets a section for the function. Where anything is in the way nothing is written, and all of it is said.`;

type AdoptArguments =
  | { readonly kind: "help" }
  | {
    readonly kind: "adopt";
    readonly folder: string;
    /** Left out: as it was, and with it the first time. */
    readonly certifications?: "with" | "without";
    readonly adapter: AdapterChoice;
  };

/** @throws {OperationError} `usage` */
export function readArguments(args: readonly string[]): AdoptArguments {
  const { values, positionals } = parseArguments({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h", default: false },
      with: { type: "string" },
      without: { type: "string" },
      example: { type: "string" },
    },
  });
  if (values.help) return { kind: "help" };
  const { with: added, without, example } = values;
  const [folder, ...others] = positionals;
  if (folder === undefined || others.length > 0) throw usageError("one folder is needed");
  if ([added, without].some((module) => module !== undefined && module !== "certifications")) {
    throw usageError("certifications is the only module");
  }
  if (added !== undefined && without !== undefined) throw usageError("either --with or --without");
  if (example !== undefined && example !== "b" && example !== "c") {
    throw usageError("the examples are b and c");
  }
  return {
    kind: "adopt",
    folder,
    ...(added !== undefined && { certifications: "with" }),
    ...(without !== undefined && { certifications: "without" }),
    adapter: example ?? "template",
  };
}
