import type { Mentor, SyncState } from "../rows.ts";
import { answerOf, PAGE_SIZE, readAll } from "./answer.ts";
import type { Client } from "./client.ts";

/** Beyond that, an address with all the ids in it would get too long. */
const MOST_IDS = 100;

/**
 * What is wanted and confirmed for the mentors of an organisation.
 *
 * @param since only rows that were updated after this timestamp; null for all
 * @throws {ApiError} when the database could not be asked
 */
export function readStates(
  client: Client,
  organisationId: string,
  since: string | null,
): Promise<SyncState[]> {
  return readAll<SyncState>((after) => {
    let query = client.from("hlf_sync_state")
      .select(
        "mentor_id, wanted_operation, generation, triggered_by_event, due_at, attempts, " +
          "in_flight_attempt_id, confirmed_operation, confirmed_generation, confirmed_at, " +
          "dead_lettered_at, last_error, updated_at",
      )
      .eq("organisation_id", organisationId)
      .order("mentor_id")
      .limit(PAGE_SIZE);
    if (since !== null) query = query.gt("updated_at", since);
    if (after !== null) query = query.gt("mentor_id", after.mentor_id);
    return answerOf(query.overrideTypes<SyncState[], { merge: false }>());
  });
}

/**
 * Names and statuses of the mentors of an organisation.
 *
 * @param ids only these; null, or very many, for all
 * @throws {ApiError} when the database could not be asked
 */
export function readMentors(
  client: Client,
  organisationId: string,
  ids: readonly string[] | null,
): Promise<Mentor[]> {
  return readAll<Mentor>((after) => {
    let query = client.from("mentors")
      .select("id, full_name, status")
      .eq("organisation_id", organisationId)
      .order("id")
      .limit(PAGE_SIZE);
    if (ids !== null && ids.length <= MOST_IDS) query = query.in("id", [...ids]);
    if (after !== null) query = query.gt("id", after.id);
    return answerOf(query);
  });
}
