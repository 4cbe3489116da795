import type { LogFilter } from "../log_filter.ts";
import { addDays, type Day, startOfDay } from "../moment.ts";
import type { Attempt, Outcome } from "../rows.ts";
import { answerOf, PAGE_SIZE, readPages } from "./answer.ts";
import type { Client } from "./client.ts";

/** Where in the log a row stands: newest first, by time and then by id. */
export type LogPosition = Pick<Attempt, "created_at" | "id">;

/** What the chart has to know of a row. */
export type Mark = Pick<Attempt, "id" | "created_at" | "outcome">;

const WHOLE_ROW = "id, mentor_id, operation, dynamics_response_code, retry_count, outcome, " +
  "error_message, triggered_by_event, created_at";
const MARK = "id, created_at, outcome";

/**
 * A page of the log, newest first.
 *
 * @param before the row after which the page begins; null for the newest
 * @throws {ApiError} when the database could not be asked
 */
export function readAttempts(
  client: Client,
  organisationId: string,
  filter: LogFilter,
  before: LogPosition | null,
  limit: number,
): Promise<Attempt[]> {
  return answerOf(
    ask(client, organisationId, filter, before, limit, WHOLE_ROW)
      .overrideTypes<Attempt[], { merge: false }>(),
  );
}

/** All that a filter admits, page by page, newest first. */
export function readWholeLog(
  client: Client,
  organisationId: string,
  filter: LogFilter,
): AsyncGenerator<Attempt[]> {
  return readPages<Attempt>((after) =>
    readAttempts(client, organisationId, filter, after, PAGE_SIZE)
  );
}

/** The same as `readWholeLog`, with no more of each row than a chart needs. */
export function readMarks(
  client: Client,
  organisationId: string,
  filter: LogFilter,
): AsyncGenerator<Mark[]> {
  return readPages<Mark>((after) =>
    answerOf(
      ask(client, organisationId, filter, after, PAGE_SIZE, MARK)
        .overrideTypes<Mark[], { merge: false }>(),
    )
  );
}

function ask(
  client: Client,
  organisationId: string,
  filter: LogFilter,
  before: LogPosition | null,
  limit: number,
  columns: string,
) {
  let query = client.from("hlf_sync_audit_log")
    .select(columns)
    .eq("organisation_id", organisationId)
    .gte("created_at", startOfDay(filter.from).toISOString())
    .lt("created_at", startOfDay(addDays(filter.to, 1)).toISOString())
    .order("created_at", { ascending: false })
    .order("id", { ascending: false })
    .limit(limit);
  if (filter.mentorId !== null) query = query.eq("mentor_id", filter.mentorId);
  if (filter.outcome !== null) query = query.eq("outcome", filter.outcome);
  if (before !== null) {
    const { created_at, id } = before;
    query = query.or(
      `created_at.lt."${created_at}",and(created_at.eq."${created_at}",id.lt."${id}")`,
    );
  }
  return query;
}

/**
 * Attempts of a whole organisation by outcome, as the database counts them.
 *
 * @throws {ApiError} when the database could not be asked
 */
export async function readSummary(
  client: Client,
  organisationId: string,
  from: Day,
  to: Day,
): Promise<Record<Outcome, number>> {
  const rows = await answerOf(
    client.rpc("get_hlf_sync_audit_summary", {
      org_id: organisationId,
      from_date: from,
      to_date: to,
    }),
  );
  const counts = { success: 0, failure: 0, dead_lettered: 0 };
  for (const { outcome, count } of rows) counts[outcome] = count;
  return counts;
}
