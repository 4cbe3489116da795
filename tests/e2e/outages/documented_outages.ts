import { projectPath } from "../../../stack/machine/project_path.ts";

/** A row of the table in docs/reference/alerts.md. */
export interface DocumentedOutage {
  readonly name: string;
  /** Kind of the alert; null where there is none, because nothing has to be done. */
  readonly alert: string | null;
  /** Minutes until the alert's row is open; null where nothing can write one. */
  readonly open: number | null;
  /** Minutes until it is delivered; null where it cannot be. */
  readonly delivered: number | null;
  /** Minutes until the heartbeat stays away; null where it goes on. */
  readonly silence: number | null;
  /** Minutes until it is over once the cause is gone. */
  readonly over: number;
  /** What the doctor names it by, as outage_doctor.ts calls its checks; empty where it sees nothing. */
  readonly seenBy: readonly string[];
}

const PAGE = "docs/reference/alerts.md";
const HEADING = "## Outages";

/** Reads the table of outages, which says what the test has to find. */
export async function readDocumentedOutages(): Promise<DocumentedOutage[]> {
  const page = await Deno.readTextFile(projectPath(PAGE));
  const section = page.split(`\n${HEADING}\n`)[1]?.split("\n## ")[0];
  if (section === undefined) throw new Error(`${PAGE} has no section "${HEADING}"`);
  const [, , ...rows] = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.map(readRow);
}

function readRow(line: string): DocumentedOutage {
  const [name, alert, open, delivered, over, seenBy] = line.split("|").slice(1).map((cell) =>
    cell.trim()
  );
  if (!name || !alert || !open || !delivered || !over || !seenBy) {
    throw new Error(`Cannot read this row of ${PAGE}: ${line}`);
  }
  const silence = /^silence after (\d+)$/.exec(delivered);
  return {
    name,
    alert: alert === "—" ? null : alert.replace(/^\[?`?([a-z_]+).*$/, "$1"),
    open: readMinutes(open),
    delivered: silence ? null : readMinutes(delivered),
    silence: silence ? Number(silence[1]) : null,
    over: readMinutes(over) ?? 0,
    seenBy: seenBy === "—" ? [] : seenBy.split(", "),
  };
}

function readMinutes(cell: string): number | null {
  if (cell === "—") return null;
  if (/^\d+$/.test(cell)) return Number(cell);
  throw new Error(`Not a number of minutes in ${PAGE}: ${cell}`);
}
