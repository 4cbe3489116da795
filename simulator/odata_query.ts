import {
  LISTING_ID,
  LISTING_KEY,
  LISTING_NAME,
  LISTING_PUBLISHED,
  MAXIMUM_PAGE_SIZE,
} from "./defaults.ts";
import { isGuid } from "./guids.ts";
import type { Listing } from "./listings.ts";
import { badQuery, notSimulated, ODataError } from "./odata_error.ts";
import { type Cursor, readSkipToken } from "./skip_token.ts";

/** One comparison of a `$filter`. */
interface Condition {
  readonly property: string;
  readonly operator: "eq" | "ne";
  readonly value: string | boolean;
}

/** What a GET asks for. */
export interface ListingQuery {
  /** Columns of `$select`; null means all. */
  readonly select: readonly string[] | null;
  /** All must hold. */
  readonly conditions: readonly Condition[];
  readonly cursor: Cursor;
  /** `$top`: rows in all, on one page. */
  readonly top: number | null;
}

const COLUMNS: Readonly<Record<string, (row: Listing) => string | boolean | number | null>> = {
  [LISTING_ID]: (row) => row.id,
  [LISTING_KEY]: (row) => row.mentorId,
  [LISTING_NAME]: (row) => row.name,
  [LISTING_PUBLISHED]: (row) => row.published,
};

/** All columns of the table, primary key first. */
export const COLUMN_NAMES: readonly string[] = Object.keys(COLUMNS);

/**
 * Reads the query options: `$select`, `$filter` (comparisons with `eq` and `ne` joined by `and`),
 * `$top` and the `$skiptoken` of a next link.
 *
 * @throws {ODataError} 400 for what Dataverse refuses (`$skip`, unknown columns), 501 for what the
 * simulator leaves out.
 * @see https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/overview
 */
export function parseListingQuery(search: string): ListingQuery {
  let select: readonly string[] | null = null;
  let conditions: readonly Condition[] = [];
  let cursor: Cursor = { page: 1, place: 0 };
  let top: number | null = null;
  for (const [option, value] of new URLSearchParams(search)) {
    if (option === "$select") select = parseSelect(value);
    else if (option === "$filter") conditions = parseFilter(value);
    else if (option === "$skiptoken") cursor = readSkipToken(value);
    else if (option === "$top") top = parseTop(value);
    else if (option === "$skip") throw badQuery("$skip is not supported.");
    else throw notSimulated(`the query option ${option}`);
  }
  return { select, conditions, cursor, top };
}

/** Whether the row meets all conditions; text is compared without regard to case. */
export function meets(row: Listing, conditions: readonly Condition[]): boolean {
  return conditions.every(({ property, operator, value }) => {
    const found = COLUMNS[property]?.(row);
    const same = typeof found === "string" && typeof value === "string"
      ? found.toLowerCase() === value.toLowerCase()
      : found === value;
    return same === (operator === "eq");
  });
}

/** The row's columns as JSON values; the primary key always comes along. */
export function project(row: Listing, select: readonly string[] | null): Record<string, unknown> {
  const names = select === null ? COLUMN_NAMES : new Set([...select, LISTING_ID]);
  const values: Record<string, unknown> = {};
  for (const name of names) values[name] = COLUMNS[name]?.(row);
  return values;
}

/** The page size that `Prefer: odata.maxpagesize=N` asks for, held to 1–5,000. */
export function pageSizeOf(prefer: string | undefined): { size: number; applied: string | null } {
  const match = /odata\.maxpagesize\s*=\s*"?(\d+)"?/i.exec(prefer ?? "");
  const wanted = Number(match?.[1] ?? 0);
  if (wanted < 1) return { size: MAXIMUM_PAGE_SIZE, applied: null };
  const size = Math.min(wanted, MAXIMUM_PAGE_SIZE);
  return { size, applied: `odata.maxpagesize=${size}` };
}

function parseSelect(text: string): readonly string[] {
  return text.split(",").map((column) => knownColumn(column.trim()));
}

function parseTop(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw badQuery("$top is not a positive number.");
  return Number(text);
}

function parseFilter(text: string): readonly Condition[] {
  const conditions: Condition[] = [];
  const comparison = /\s*(\w+)\s+(eq|ne)\s+('(?:[^']|'')*'|[^\s'()]+)\s*(and\s|$)/y;
  for (let rest = true; rest;) {
    const [, column, operator, literal, joint] = comparison.exec(text) ?? [];
    if (column === undefined || literal === undefined) {
      if (/\b(or|not|contains|startswith|in|gt|lt|ge|le)\b|\(/i.test(text)) {
        throw notSimulated("this $filter");
      }
      throw badQuery("$filter cannot be read.");
    }
    const property = knownColumn(column);
    conditions.push({
      property,
      operator: operator === "ne" ? "ne" : "eq",
      value: parseLiteral(property, literal),
    });
    rest = joint !== "";
  }
  return conditions;
}

function parseLiteral(property: string, literal: string): string | boolean {
  if (property === LISTING_PUBLISHED) {
    if (literal === "true" || literal === "false") return literal === "true";
    throw badQuery(`${property} is compared with true or false.`);
  }
  if (property === LISTING_ID) {
    const id = literal.replaceAll("'", "");
    if (isGuid(id)) return id;
    throw badQuery(`${property} is compared with a guid.`);
  }
  if (literal.startsWith("'")) return literal.slice(1, -1).replaceAll("''", "'");
  throw badQuery(`${property} is compared with text in single quotes.`);
}

function knownColumn(name: string): string {
  if (Object.hasOwn(COLUMNS, name)) return name;
  throw new ODataError(
    400,
    "0x80060888",
    `Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.hlf_mentorlisting'.`,
  );
}
