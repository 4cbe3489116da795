/** Columns of an export, in the order in which a seal reads them. */
export const COLUMNS = [
  "id",
  "organisation_id",
  "mentor_id",
  "operation",
  "dynamics_response_code",
  "retry_count",
  "outcome",
  "error_message",
  "triggered_by_event",
  "created_at",
] as const;

/** The first line of every file. */
export const HEADER = COLUMNS.join(",");

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/**
 * A row as it is written: closed vocabularies, so nothing ever needs quotes (RFC 4180), and one row
 * can be written in one way only. The words themselves are for the database to know.
 */
const ROW = new RegExp(
  `^${UUID},${UUID},${UUID},[a-z]+,\\d*,\\d+,[a-z_]+,[a-z_]*( code=0x[0-9a-f]+)?( request=${UUID})?,` +
    "[a-z_:]+,\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}Z$",
);

interface ExportedRow {
  /** In UTC. */
  readonly day: string;
  /** Sorts as the rows of an export do: by time, then by id. */
  readonly position: string;
  /** As a seal reads it. */
  readonly sealed: string;
}

/** Reads a line without its end; null when it is not as an export writes it. */
export function readRow(line: string): ExportedRow | null {
  if (!ROW.test(line)) return null;
  const createdAt = line.slice(line.lastIndexOf(",") + 1);
  return {
    day: createdAt.slice(0, 10),
    position: `${createdAt} ${line.slice(0, line.indexOf(","))}`,
    sealed: line.replaceAll(",", "|"),
  };
}
