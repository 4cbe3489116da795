import type { LogFilter } from "../model/log_filter.ts";
import { addDays, type Day, startOfDay } from "../model/moment.ts";
import { daysEach, fillDays, type OutcomeDays } from "../model/outcome_days.ts";
import type { Attempt, Outcome } from "../model/rows.ts";
import { answerOf, PAGE_SIZE, readPages } from "./answer.ts";
import type { Client } from "./client.ts";

/** Where in the log a row stands: newest first, by time and then by id. */
export type LogPosition = Pick<Attempt, "created_at" | "id">;

const WHOLE_ROW = "id, mentor_id, operation, dynamics_response_code, retry_count, outcome, " +
  "error_message, triggered_by_event, created_at";

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
  let query = client.rest.from("hlf_sync_audit_log")
    .select(WHOLE_ROW)
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
  return answerOf(query.overrideTypes<Attempt[], { merge: false }>());
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
    client.rest.rpc("get_hlf_sync_audit_summary", {
      org_id: organisationId,
      from_date: from,
      to_date: to,
    }),
  );
  const counts = { success: 0, failure: 0, dead_lettered: 0 };
  for (const { outcome, count } of rows) counts[outcome] = count;
  return counts;
}

/**
 * Attempts under a filter by day and outcome, as the database counts them; by week for a long time.
 *
 * @throws {ApiError} when the database could not be asked
 */
export async function readDays(
  client: Client,
  organisationId: string,
  { mentorId, outcome, from, to }: LogFilter,
): Promise<OutcomeDays[]> {
  const counted = await answerOf(
    client.rest.rpc("get_hlf_sync_audit_days", {
      org_id: organisationId,
      from_date: from,
      to_date: to,
      days_each: daysEach(from, to),
      ...(mentorId !== null && { of_mentor_id: mentorId }),
      ...(outcome !== null && { of_outcome: outcome }),
    }),
  );
  return fillDays(counted, from, to);
}
