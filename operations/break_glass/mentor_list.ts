import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import { OperationError } from "../errors.ts";
import type { Order } from "./attempt.ts";

const records = z.array(z.object({
  record: z.array(z.string()),
  info: z.object({ lines: z.number() }),
}));
const mentorId = z.guid().toLowerCase();
const operation = z.enum(["remove", "restore"]);

/**
 * Reads a list of mentors: a column `mentor_id` and, where not all are to be removed, a column
 * `operation`. Commas or semicolons, as spreadsheets in Norway write them; further columns are left
 * unread.
 *
 * @throws {OperationError} `unreadable` that lists every problem with its line
 */
export function readMentorList(text: string): Order[] {
  const [head, ...rows] = parseCsv(text);
  const names = head?.record.map((name) => name.trim().toLowerCase()) ?? [];
  const idAt = names.indexOf("mentor_id");
  const operationAt = names.indexOf("operation");
  if (idAt < 0) throw unreadable(["line 1: there is no column mentor_id"]);

  const problems: string[] = [];
  const lineOf = new Map<string, number>();
  const orders: Order[] = [];
  for (const { record, info } of rows) {
    const line = info.lines;
    const id = mentorId.safeParse(record[idAt]?.trim());
    const cell = operationAt < 0 ? "" : record[operationAt]?.trim().toLowerCase() ?? "";
    const wanted = operation.safeParse(cell === "" ? "remove" : cell);
    if (!id.success) problems.push(`line ${line}: mentor_id is not a uuid`);
    if (!wanted.success) problems.push(`line ${line}: operation is neither remove nor restore`);
    if (!id.success) continue;
    const before = lineOf.get(id.data);
    if (before !== undefined) problems.push(`line ${line}: the same mentor as in line ${before}`);
    lineOf.set(id.data, line);
    if (wanted.success) orders.push({ mentorId: id.data, operation: wanted.data });
  }
  if (rows.length === 0) problems.push("there are no mentors in it");
  if (problems.length > 0) throw unreadable(problems);
  return orders;
}

function parseCsv(text: string): z.infer<typeof records> {
  try {
    return records.parse(parse(text, {
      bom: true,
      delimiter: [",", ";"],
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = z.number().safeParse(error.lines).data;
    throw unreadable([`${line === undefined ? "" : `line ${line}: `}the quotes are not right`]);
  }
}

/** No cell is quoted: a file in the wrong columns may hold names. */
function unreadable(problems: readonly string[]): OperationError {
  return new OperationError(
    "unreadable",
    ["Cannot read the list of mentors:", ...problems].join("\n  "),
  );
}
