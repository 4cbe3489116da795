import type { Language } from "../words/words.ts";

const LANGUAGE = "hlf-sync.language";
/** Where the organisation stands that was looked at last. */
export const ORGANISATION = "hlf-sync.organisation";

/** What this browser remembers of how the page was used; nothing of anybody on it. */
export class Preferences {
  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem">) {}

  get language(): Language {
    return this.#read(LANGUAGE) === "en" ? "en" : "nb";
  }

  set language(language: Language) {
    this.#write(LANGUAGE, language);
  }

  get organisationId(): string | null {
    return this.#read(ORGANISATION);
  }

  set organisationId(id: string | null) {
    this.#write(ORGANISATION, id ?? "");
  }

  #read(key: string): string | null {
    try {
      return this.storage.getItem(key);
    } catch {
      // A browser may forbid it; the page works without a memory.
      return null;
    }
  }

  #write(key: string, value: string): void {
    try {
      this.storage.setItem(key, value);
    } catch {
      // As above.
    }
  }
}
