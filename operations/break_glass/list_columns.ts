import type { Words } from "./words/english.ts";

export interface Row {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

interface Columns {
  readonly idAt: number;
  /** Null when there is no such column. */
  readonly operationAt: number | null;
  readonly problems: readonly string[];
  /** Columns that are not read. */
  readonly remarks: readonly string[];
}

/** Without what cannot be seen, and with ordinary blanks. */
export function clean(cell: string): string {
  return cell.replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, "").replace(/[^\S\n]+/g, " ").trim();
}

/** How names and words are compared: `Mentor-ID`, `mentor id` and `mentor_id` are one. */
export function fold(name: string): string {
  return name.normalize("NFKC").toLowerCase().replace(/[\s_.\-]/g, "");
}

export function isIdColumn(name: string, keyColumn: string): boolean {
  return fold(name) === "mentorid" || fold(name) === fold(keyColumn);
}

/** What else people call a column of orders, in both languages. */
const SYNONYMS = new Set([
  ...["action", "change", "command", "do", "instruction", "op", "oper", "order", "todo", "verb"],
  ...["aksjon", "endring", "gjør", "gjøremål", "handling", "hva", "instruks", "kommando", "ordre"],
  ...["tiltak", "what", "whattodo", "hvaskalgjøres", "skalgjøres"],
]);

/** A column `fjernes` with yes and no in it is meant for them as well. */
const NAMES_AN_ORDER = /fjern|remov|slett|delet|skjul|hide|gjenopprett|restor/;

/** What stands in such a column, whatever it is called. */
const ORDERS = new Set([
  ...["remove", "removed", "restore", "restored", "hide", "show", "delete", "publish", "unpublish"],
  ...["fjern", "fjernes", "gjenopprett", "gjenopprettes", "skjul", "skjules", "slett", "slettes"],
  ...["vis", "vises"],
]);

/**
 * Finds the two columns that are read. A column that may be meant for the orders is a problem: left
 * unread, it would turn a `restore` into a `remove`.
 */
export function findColumns(
  header: Row,
  rows: readonly Row[],
  keyColumn: string,
  words: Words,
): Columns {
  const say = words.list;
  const problems: string[] = [];
  const remarks: string[] = [];
  const problem = (what: string) => problems.push(say.atLine(header.line, what));
  const ids = indexesOf(header.cells, (name) => isIdColumn(name, keyColumn));
  const operations = indexesOf(header.cells, (name) => fold(name) === "operation");
  if (ids.length > 1) problem(say.severalColumns("mentor_id"));
  if (operations.length > 1) problem(say.severalColumns("operation"));
  // In a row of another length nobody knows which cell belongs to which column.
  const aligned = rows.filter(({ cells }) => cells.length === header.cells.length);
  const isRead = new Set([...ids, ...operations]);
  for (const [index, name] of header.cells.entries()) {
    if (isRead.has(index)) continue;
    const values = aligned.map(({ cells }) => fold(cells[index] ?? "")).filter((value) =>
      value !== ""
    );
    const holdsOrders = values.some((value) => ORDERS.has(value));
    const isCalledSo = isMisspelt(fold(name)) ||
      (operations.length === 0 && (SYNONYMS.has(fold(name)) || NAMES_AN_ORDER.test(fold(name))));
    if (isCalledSo || holdsOrders) problem(say.misnamed(label(name), index + 1));
    else if (name !== "" || values.length > 0) remarks.push(say.ignored(label(name), index + 1));
  }
  const operationAt = operations[0] ?? null;
  return { idAt: ids[0] ?? 0, operationAt, problems, remarks };
}

/** Short, and without what would move the cursor of a terminal. */
function label(name: string): string {
  return name.replace(/\p{C}/gu, "").slice(0, 60);
}

function indexesOf(names: readonly string[], is: (name: string) => boolean): number[] {
  return [...names.keys()].filter((index) => is(names[index] ?? ""));
}

/** Whether a name is `operation` or `operasjon` with slips, or has one of them in it. */
function isMisspelt(name: string): boolean {
  if (/op+er+a(t|s)/.test(name)) return true;
  return ["operation", "operasjon"].some((right) => distance(name, right) <= 2) && name.length > 5;
}

/** Levenshtein's: how many letters have to be put in, left out or changed. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, right] of [...other].entries()) {
      next.push(Math.min(
        (next[column] ?? 0) + 1,
        (row[column + 1] ?? 0) + 1,
        (row[column] ?? 0) + (letter === right ? 0 : 1),
      ));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
