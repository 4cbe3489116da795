import { parseArgs } from "node:util";
import { OperationError } from "../cli/errors.ts";
import type { OfflineFiles } from "./offline.ts";
import { BOKMAL } from "./words/bokmal.ts";
import { ENGLISH, type Words } from "./words/english.ts";

type Mode =
  | { readonly kind: "help" | "online" | "prepare" }
  | { readonly kind: "offline" } & OfflineFiles
  | { readonly kind: "import"; readonly journal: string }
  | { readonly kind: "list"; readonly path: string };

const OPTIONS = {
  help: { type: "boolean", short: "h", default: false },
  prepare: { type: "boolean", default: false },
  offline: { type: "string" },
  journal: { type: "string" },
  import: { type: "string" },
  list: { type: "string" },
  language: { type: "string" },
} as const;

/**
 * Which language was asked for. It is read before all else, so that what is wrong with the others is
 * said in it.
 *
 * @param fallback the terminal's
 * @throws {OperationError} `usage`
 */
export function readLanguageArgument(args: readonly string[], fallback: Language): Language {
  const at = args.findIndex((argument) => /^--language(=|$)/.test(argument));
  if (at < 0) return fallback;
  const value = args[at]?.split("=", 2)[1] ?? args[at + 1] ?? "";
  const language = readLanguage(value);
  if (language !== null) return language;
  const { wrong, language: problem } = WORDS[fallback].arguments;
  throw new OperationError("usage", wrong(problem));
}

/** @throws {OperationError} `usage` */
export function readArguments(args: readonly string[], words = WORDS.en): Mode {
  const say = words.arguments;
  // What was typed is not repeated: it may be a secret in the wrong place.
  const usage = (problem: string, options?: ErrorOptions) =>
    new OperationError("usage", say.wrong(problem), options);
  let read;
  try {
    read = parseArgs({ args: nameList(args), options: OPTIONS }).values;
  } catch (error) {
    throw usage(say.unknown, { cause: error });
  }
  const { help, offline, journal, import: imported, list, prepare } = read;
  if (help) return { kind: "help" };
  const chosen = Object.entries({ offline, import: imported, list, prepare: prepare || undefined })
    .filter(([, value]) => value !== undefined);
  if (chosen.length > 1) throw usage(say.alone(`--${chosen[0]?.[0]}`));
  if (journal !== undefined && offline === undefined) throw usage(say.journal);
  if (offline !== undefined) return { kind: "offline", list: offline, journal: journal ?? null };
  if (imported !== undefined) return { kind: "import", journal: imported };
  if (list !== undefined) return { kind: "list", path: list };
  return { kind: prepare ? "prepare" : "online" };
}

/** `--list` alone writes into a file of its own name. */
function nameList(args: readonly string[]): string[] {
  return args.map((argument, index) => {
    const next = args[index + 1];
    const isAlone = argument === "--list" && (next === undefined || next.startsWith("--"));
    return isAlone ? `--list=${newListPath()}` : argument;
  });
}

function newListPath(): string {
  return `break-glass-list-${new Date().toISOString().replace(/[:.]/g, "-")}.csv`;
}

type Language = "nb" | "en";

export const WORDS: Readonly<Record<Language, Words>> = { nb: BOKMAL, en: ENGLISH };

/** What a name such as `nb_NO.UTF-8`, `no` or `en-GB` stands for; null for other languages. */
function readLanguage(name: string): Language | null {
  const language = /^[a-z]+/i.exec(name)?.[0].toLowerCase() ?? "";
  if (["nb", "no", "nn", "norwegian", "bokmal"].includes(language)) return "nb";
  return ["en", "english"].includes(language) ? "en" : null;
}

/**
 * The language of the terminal, as POSIX has it; English for one that is not spoken here.
 *
 * @param system what the operating system says where the terminal is silent, as on Windows
 */
export function terminalLanguage(
  environment: Readonly<Record<string, string | undefined>>,
  system: string,
): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  return readLanguage(LC_ALL || LC_MESSAGES || LANG || system) ?? "en";
}
