import { en } from "./en.ts";
import { nb, type Words } from "./nb.ts";

export type { Words };
export type Language = "nb" | "en";

/** Bokmål unless English was chosen. */
export function wordsOf(language: Language): Words {
  return language === "en" ? en : nb;
}
