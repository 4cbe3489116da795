import { EMAIL_DOMAIN, NAME_STEMS, type Person } from "./people.ts";

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d{2}-\d{2}[ t]\d{2}:\d{2}:\d{2}(?:\.\d+)?/g;

/** Looks for people in texts, however they were written, escaped, cut off or spaced. */
export class PeopleFinder {
  readonly #numbers = new Set<string>();

  add({ phone, personnummer }: Person): void {
    this.#numbers.add(phone).add(`47${phone}`).add(personnummer);
  }

  /** What of anybody is in the text. Ids and times are left out, as some are somebody's digits by chance. */
  find(text: string): string[] {
    const plain = unescaped(text).toLowerCase();
    const found = [...NAME_STEMS, EMAIL_DOMAIN].filter((part) => plain.includes(part));
    const rest = plain.replace(UUID, " ").replace(TIME, " ");
    for (const view of [rest, rest.replace(/(?<=\d)[ .-]+(?=\d)/g, "")]) {
      for (const [word] of view.matchAll(/[\p{L}\p{N}]+/gu)) {
        const number = word.startsWith("0x") ? word.slice(2) : word;
        if (this.#numbers.has(number)) found.push(number);
      }
    }
    return [...new Set(found)];
  }
}

function unescaped(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => {
      try {
        return decodeURIComponent(escaped);
      } catch {
        return escaped;
      }
    });
}
