import { parseTimestamp } from "./moment.ts";
import type { Mentor, SyncState } from "./rows.ts";

/**
 * Who is behind an id. `unread`: nobody knows yet. `deleted`: the app has deleted the mentor. `gone`: the
 * organisation no longer has the mentor, who may live on in another one.
 */
export type Known = Mentor | "unread" | "deleted" | "gone";

/** The words for somebody who cannot be called by a name of their own; `tail` is the end of the id. */
export interface NameWords {
  readonly names:
    & Readonly<Record<Exclude<Known, Mentor> | "blank", (tail: string) => string>>
    & { readonly twin: (name: string, tail: string) => string };
}

/** What is left of a name once what cannot be seen is taken away. */
const INVISIBLE = /[\p{C}\p{Z}\u115f\u1160\u2800\u3164\uffa0]/gu;
/** Marks that turn around what follows them, be it another name. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The names of an organisation's mentors, as far as they are read. */
export class Names {
  readonly #twins: ReadonlySet<string>;

  constructor(
    /** Null until all of them were read once. */
    readonly mentors: ReadonlyMap<string, Mentor> | null,
    private readonly states: ReadonlyMap<string, SyncState> | null,
    /** When all were read last. */
    private readonly readAt: Date | null,
  ) {
    this.#twins = twinsAmong(mentors);
  }

  /**
   * @param asOf timestamp of what names the mentor; somebody newer than the names is not read yet
   */
  known(id: string, asOf: string | null = null): Known {
    if (this.mentors === null) return "unread";
    const mentor = this.mentors.get(id);
    if (mentor !== undefined) return mentor;
    if (this.states?.has(id)) return "deleted";
    const moment = parseTimestamp(asOf);
    return moment !== null && this.readAt !== null && moment >= this.readAt ? "unread" : "gone";
  }

  /** What to call a mentor; never what is not known to be so. */
  text(id: string, words: NameWords, asOf: string | null = null): string {
    const known = this.known(id, asOf);
    const tail = id.slice(-4);
    if (typeof known === "string") return words.names[known](tail);
    const name = visibleName(known.full_name);
    if (name === "") return words.names.blank(tail);
    return this.#twins.has(folded(name)) ? words.names.twin(name, tail) : name;
  }
}

/** A name without what turns others around; empty when nothing of it can be seen. */
export function visibleName(name: string): string {
  const shown = name.replace(DIRECTIONS, "").trim();
  return shown.replace(INVISIBLE, "") === "" ? "" : shown;
}

/** A text as it is compared: «Åse» is found by «ase», too. */
function folded(text: string): string {
  return text.toLocaleLowerCase("nb").normalize("NFD").replace(/\p{M}/gu, "")
    .replaceAll("ø", "o").replaceAll("æ", "ae").replaceAll("đ", "d").replaceAll("ł", "l");
}

/** Whether a name holds each word of a search, in whatever order. */
export function matches(name: string, search: string): boolean {
  const text = folded(name);
  return folded(search).split(/\s+/).every((word) => text.includes(word));
}

function twinsAmong(mentors: ReadonlyMap<string, Mentor> | null): ReadonlySet<string> {
  const seen = new Set<string>();
  const twins = new Set<string>();
  for (const { full_name } of mentors?.values() ?? []) {
    const name = folded(visibleName(full_name));
    if (seen.has(name)) twins.add(name);
    seen.add(name);
  }
  return twins;
}
