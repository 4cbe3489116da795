import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import { OperationError } from "../cli/errors.ts";
import type { Order } from "./run.ts";
import { clean, findColumns, fold, isIdColumn, type Row } from "./list_columns.ts";
import { ENGLISH, type Words } from "./words/english.ts";

export interface MentorList {
  readonly orders: readonly Order[];
  /** What was not read, and what follows from a column that is not there. */
  readonly remarks: readonly string[];
}

interface ListOptions {
  /** How Dynamics names the column of mentors' ids, as `DYNAMICS_LISTING_KEY` says. */
  readonly keyColumn?: string;
  readonly words?: Words;
}

/** The first of these with which a header names mentors' ids is the delimiter of the whole file. */
const DELIMITERS = [";", "\t", ",", "|"];
const TOLD_PROBLEMS = 50;
const UUID = /[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/i;
const csvInfo = z.object({ lines: z.number() });
const csvRecord = z.array(z.string());

/**
 * Reads a list of mentors as a spreadsheet or Dynamics writes it: a column `mentor_id` (or the one
 * that Dynamics has) and, where not all are to be removed, a column `operation`.
 *
 * What could be meant as an order and cannot be read is a problem, never a `remove`.
 *
 * @throws {OperationError} `unreadable` that lists every problem with its line
 */
export function readMentorList(
  file: Uint8Array | string,
  { keyColumn = "hlf_mentorid", words = ENGLISH }: ListOptions = {},
): MentorList {
  const say = words.list;
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
  const text = decodeSpreadsheet(bytes);
  if (text === "workbook" || text === "binary") throw unreadable([say[text]], words);
  const { header, rows, problems: torn } = readTable(text, keyColumn, words);
  const columns = findColumns(header, rows, keyColumn, words);
  const problems = [...columns.problems];
  const lineOf = new Map<string, number>();
  const orders: Order[] = [];
  for (const { line, cells } of rows) {
    const problem = (what: string) => problems.push(say.atLine(line, what));
    if (cells.length !== header.cells.length) {
      problem(say.cells(cells.length, header.cells.length));
      continue;
    }
    if (swallowsAnother(cells, columns.idAt)) {
      problem(say.quotes);
      continue;
    }
    const mentorId = readId(cells[columns.idAt] ?? "");
    if (mentorId === null) problem(say.noUuid(header.cells[columns.idAt] ?? ""));
    const operation = columns.operationAt === null
      ? "remove"
      : readOperation(cells[columns.operationAt] ?? "");
    if (operation === "missing") problem(say.noOperation);
    else if (operation === "unknown") problem(say.unknownOperation);
    if (mentorId === null) continue;
    const before = lineOf.get(mentorId);
    if (before !== undefined) problem(say.twice(before));
    lineOf.set(mentorId, line);
    if (operation === "remove" || operation === "restore") orders.push({ mentorId, operation });
  }
  problems.push(...torn);
  if (rows.length === 0 && problems.length === 0) problems.push(say.empty);
  if (problems.length > 0) throw unreadable(problems, words);
  const remarks = [...columns.remarks];
  if (columns.operationAt === null) remarks.push(say.allRemoved(orders.length));
  return { orders, remarks };
}

interface Table {
  readonly header: Row;
  /** Rows with something in them. */
  readonly rows: readonly Row[];
  readonly problems: readonly string[];
}

function readTable(text: string, keyColumn: string, words: Words): Table {
  const { stated, body } = takeStatedDelimiter(text);
  const candidates = stated === null ? DELIMITERS : [stated, ...DELIMITERS];
  let found: { table: Table; delimiter: string } | undefined;
  let firstLine = 1;
  for (const delimiter of candidates) {
    const table = splitTable(body, delimiter, words);
    if (table === null) continue;
    if (table.header.cells.some((name) => isIdColumn(name, keyColumn))) {
      found = { table, delimiter };
      break;
    }
    firstLine = table.header.line;
  }
  if (found === undefined) {
    throw unreadable([words.list.atLine(firstLine, words.list.noIdColumn)], words);
  }
  if (found.table.header.cells.length > 1) return found.table;
  // A header of one column shows no delimiter, and the rows may have more cells than it.
  const used = candidates.find((delimiter) => body.includes(delimiter));
  const table = used === undefined ? null : splitTable(body, used, words);
  return table ?? found.table;
}

/** `sep=;`, which Excel writes and reads; its line stays, empty, so that lines keep their numbers. */
function takeStatedDelimiter(text: string): { stated: string | null; body: string } {
  const match = /^\s*"?sep=(\\t|[^\n])?[^\n]*/i.exec(text);
  if (match === null) return { stated: null, body: text };
  const stated = match[1] === "\\t" ? "\t" : match[1] ?? null;
  const isUsable = stated !== null && !/["\s\p{L}\p{N}]/u.test(stated.replace("\t", ""));
  return {
    stated: isUsable ? stated : null,
    body: match[0].replace(/[^\n]/g, "") + text.slice(match[0].length),
  };
}

/** Null where there is nothing in the file. */
function splitTable(text: string, delimiter: string, words: Words): Table | null {
  const rows: Row[] = [];
  const problems: string[] = [];
  let end = 0;
  try {
    parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      trim: true,
      on_record: (read: unknown) => {
        const { record, info } = z.object({ record: csvRecord, info: csvInfo }).parse(read);
        const line = end + 1;
        end = info.lines;
        const cells = record.map(clean);
        if (cells.some((cell) => cell !== "")) rows.push({ line, cells });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    problems.push(words.list.atLine(end + 1, words.list.quotes));
  }
  const [header, ...rest] = rows;
  return header === undefined ? null : { header, rows: rest, problems };
}

/** A quote that is not closed where it should be makes one cell of several rows. */
function swallowsAnother(cells: readonly string[], idAt: number): boolean {
  return cells.some((cell, index) => index !== idAt && cell.includes("\n") && UUID.test(cell));
}

/** Braces, capitals, missing dashes, typographic ones and `="…"` are ways of writing the same id. */
function readId(cell: string): string | null {
  const bare = cell.replace(/^=/, "").replace(/[\s"'{}()\[\]]/g, "").replace(/^urn:uuid:/i, "")
    .replace(/[\u2010-\u2015\u2212]/g, "-").toLowerCase();
  const digits = /^[0-9a-f]{32}$/.test(bare)
    ? bare.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    : bare;
  return z.guid().safeParse(digits).data ?? null;
}

function readOperation(cell: string): Order["operation"] | "missing" | "unknown" {
  const word = fold(cell);
  if (word === "") return "missing";
  return word === "remove" || word === "restore" ? word : "unknown";
}

/** No cell is quoted: a file in the wrong columns may hold names. */
function unreadable(problems: readonly string[], words: Words): OperationError {
  const told = problems.slice(0, TOLD_PROBLEMS);
  if (problems.length > told.length) told.push(words.list.more(problems.length - told.length));
  return new OperationError("unreadable", [words.list.unreadable, ...told].join("\n  "));
}

/** What a file turns out to be that is no text. */
type NoText = "workbook" | "binary";

/** Beginnings of files that people take for lists: ZIP (xlsx, ods, numbers), OLE (xls), PDF. */
const WORKBOOKS: readonly (readonly number[])[] = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
  [0x25, 0x50, 0x44, 0x46],
];

/**
 * Reads a file as text, whatever a spreadsheet saved it as: UTF-8, UTF-16 of either order, with a
 * mark or without, or the one byte per letter of Windows. Lines end with a line feed afterwards.
 */
function decodeSpreadsheet(bytes: Uint8Array): string | NoText {
  if (WORKBOOKS.some((magic) => magic.every((byte, index) => bytes[index] === byte))) {
    return "workbook";
  }
  const text = new TextDecoder(findEncoding(bytes)).decode(bytes);
  return text.includes("\0") ? "binary" : text.replace(/\r\n?/g, "\n");
}

function findEncoding(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  // Without a mark: the letters of a header have nothing in every other byte.
  if (second === 0 && first !== 0) return "utf-16le";
  if (first === 0 && second !== 0) return "utf-16be";
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return "utf-8";
  } catch {
    // Covers latin-1 too; only names have such letters, and nobody reads those.
    return "windows-1252";
  }
}
