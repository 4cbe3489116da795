import { BOKMAL } from "./bokmal.ts";
import { ENGLISH, type Words } from "./english.ts";

export type Language = "nb" | "en";

export const WORDS: Readonly<Record<Language, Words>> = { nb: BOKMAL, en: ENGLISH };

/** What a name such as `nb_NO.UTF-8`, `no` or `en-GB` stands for; null for other languages. */
export function readLanguage(name: string): Language | null {
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
