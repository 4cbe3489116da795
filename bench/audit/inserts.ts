import postgres from "postgres";
import { timeByTurns } from "../rounds.ts";
import { mentor, MENTORS, organisation, ORGANISATIONS } from "./people.ts";
import { connectAsRest } from "./request.ts";

const COLUMNS = {
  id: "uuid",
  organisation_id: "uuid",
  mentor_id: "uuid",
  operation: "public.hlf_sync_operation",
  dynamics_response_code: "integer",
  retry_count: "integer",
  outcome: "public.hlf_sync_outcome",
  error_message: "text",
  triggered_by_event: "text",
} as const;

/** As PostgREST writes a body of rows. */
function inserting(table: string): string {
  const names = Object.keys(COLUMNS).join(", ");
  const types = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`).join(", ");
  return `insert into public.${table} (${names})
    select ${names} from json_to_recordset($1::text::json) as _ (${types})`;
}

interface InsertTimes {
  /** Milliseconds for one request. */
  readonly log: number;
  readonly plain: number;
}

/**
 * Times requests that insert attempts, by turns into the log and into a plain table with the same columns, defaults and
 * indexes, both empty at first.
 *
 * @param databaseUrl of a database with the schema and no rows
 */
export async function timeInserts(
  databaseUrl: string,
  rounds: number,
  rowsPerRequest: number,
): Promise<InsertTimes> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(`
    drop table if exists public.plain_log;
    create table public.plain_log (like public.hlf_sync_audit_log including defaults including indexes);
    grant insert on public.plain_log to service_role`);
  await sql.end({ timeout: 5 });

  const connection = connectAsRest(databaseUrl);
  try {
    let made = 0;
    const insert = (table: string) => {
      const statement = inserting(table);
      return async () => {
        const rows = Array.from({ length: rowsPerRequest }, () => attempt(made++));
        await connection.request({ role: "service_role" }, statement, [JSON.stringify(rows)]);
      };
    };
    const candidates = { log: insert("hlf_sync_audit_log"), plain: insert("plain_log") };
    await timeByTurns(20, candidates);
    return await timeByTurns(rounds, candidates);
  } finally {
    await connection.close();
  }
}

function attempt(number: number): Record<keyof typeof COLUMNS, string | number | null> {
  const mentorNumber = (number * 7919) % MENTORS;
  const isFailure = number % 33 === 0;
  return {
    id: uuidV7(),
    organisation_id: organisation(mentorNumber % ORGANISATIONS),
    mentor_id: mentor(mentorNumber),
    operation: number % 2 === 0 ? "remove" : "restore",
    dynamics_response_code: isFailure ? 503 : 204,
    retry_count: 0,
    outcome: isFailure ? "failure" : "success",
    error_message: isFailure ? "unavailable code=0x80044150" : null,
    triggered_by_event: "status_change:paused",
  };
}

function uuidV7(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  const random = crypto.randomUUID().slice(15);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random}`;
}
