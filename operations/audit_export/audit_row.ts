interface Column {
  readonly name: string;
  /** Its value as text, in SQL; null is written as nothing. */
  readonly sql: string;
  /** The one way of writing it. */
  readonly pattern: string;
}

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/**
 * Columns of an export, in the order in which a seal reads them: closed vocabularies, so nothing ever needs quotes (RFC 4180),
 * and one row can be written in one way only. The words themselves are for the database to know. A later release appends
 * columns that may be empty; `hlf_sync.digest_audit_day` then has the same as `'<name>=' || log.<name>`.
 */
const AUDIT_COLUMNS: readonly Column[] = [
  { name: "id", sql: "log.id", pattern: UUID },
  { name: "organisation_id", sql: "log.organisation_id", pattern: UUID },
  { name: "mentor_id", sql: "log.mentor_id", pattern: UUID },
  { name: "operation", sql: "log.operation", pattern: "[a-z]+" },
  { name: "dynamics_response_code", sql: "log.dynamics_response_code", pattern: "\\d*" },
  { name: "retry_count", sql: "log.retry_count", pattern: "\\d+" },
  { name: "outcome", sql: "log.outcome", pattern: "[a-z_]+" },
  {
    name: "error_message",
    sql: "log.error_message",
    pattern: `[a-z_]*( code=0x[0-9a-f]+)?( request=${UUID})?`,
  },
  { name: "triggered_by_event", sql: "log.triggered_by_event", pattern: "[a-z_:]+" },
  {
    name: "created_at",
    // Written out here, as a Date knows no microseconds.
    sql: `to_char(log.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    pattern: "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}Z",
  },
];

/** So many columns the first release had. */
const FIRST = AUDIT_COLUMNS.findIndex(({ name }) => name === "created_at") + 1;

interface ExportedRow {
  /** In UTC. */
  readonly day: string;
  /** Sorts as the rows of an export do: by time, then by id. */
  readonly position: string;
  /** As a seal reads it. */
  readonly sealed: string;
}

/** How rows of these columns are written and read; also those of earlier releases, which lack the last of them. */
export function createRowFormat(columns: readonly Column[] = AUDIT_COLUMNS) {
  const names = columns.map(({ name }) => name);
  const appended = columns.slice(FIRST);
  const row = new RegExp(
    `^${columns.slice(0, FIRST).map(({ pattern }) => pattern).join(",")}` +
      `${appended.map(({ pattern }) => `(?:,(?:${pattern})?)?`).join("")}$`,
  );

  /** The columns of the first release, and what the others add to a seal. */
  function takeApart(line: string): [first: string, more: string] {
    const values = line.split(",");
    const more = appended.map(({ name }, index) => {
      const value = values[FIRST + index] ?? "";
      return value === "" ? "" : `|${name}=${value}`;
    });
    return [values.slice(0, FIRST).join(","), more.join("")];
  }

  return {
    columns,
    /** The names in their order. */
    names,
    /** The first line of every file. */
    header: names.join(","),
    /** Whether a text is the first line of a file of this release or of an earlier one. */
    isHeader(text: string): boolean {
      const count = text.split(",").length;
      return count >= FIRST && text === names.slice(0, count).join(",");
    },
    /** A row as it is written, in SQL. */
    line: `concat_ws(',', ${columns.map(({ sql }) => `coalesce((${sql})::text, '')`).join(", ")})`,
    /** Reads a line without its end; null when it is not as an export writes it. */
    readRow(line: string): ExportedRow | null {
      if (!row.test(line)) return null;
      const [first, more] = appended.length === 0 ? [line, ""] : takeApart(line);
      const createdAt = first.slice(first.lastIndexOf(",") + 1);
      return {
        day: createdAt.slice(0, 10),
        position: `${createdAt} ${first.slice(0, first.indexOf(","))}`,
        sealed: first.replaceAll(",", "|") + more,
      };
    },
  };
}

/** Rows of the log. */
export const AUDIT_ROWS = createRowFormat();
