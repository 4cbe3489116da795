import postgres from "postgres";
import { v7 } from "uuid";
import { fetchToken, measure, patchListing, readAssignment } from "./job.ts";

/** A queue that works on Postgres directly. */
interface Rival {
  /** Adds a job for each mentor, in one transaction. */
  add(mentorIds: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** What a rival does for each of its jobs; `query` takes a connection of its own pool. */
type Perform = (
  mentorId: string,
  query: (text: string, values: unknown[]) => Promise<unknown>,
) => Promise<void>;

const AUDIT_INSERT = `insert into public.hlf_sync_audit_log (
    id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, triggered_by_event
  ) values ($1, $2, $3, $4, $5, 0, 'success', 'status_change:paused')`;
const ORGANISATION = "00000000-0000-4000-8000-00000000000a";

/**
 * Has a rival work off a small backlog for practice and then the measured one, and tells how long that took: from the
 * commit of the jobs until the last is completed in the rival's own tables.
 *
 * @param unfinished counts the jobs that are not completed
 */
export async function measureRival(
  start: (databaseUrl: string, inFlight: number, perform: Perform) => Promise<Rival>,
  unfinished: string,
): Promise<void> {
  const { simulatorUrl, databaseUrl, mentorIds, warmUp, inFlight } = readAssignment();
  const token = await fetchToken(simulatorUrl);
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  let performed = 0;

  const rival = await start(databaseUrl, inFlight, async (mentorId, query) => {
    const id = v7();
    const published = performed % 2 === 0;
    const status = await patchListing(simulatorUrl, token, { id, mentorId, published });
    const operation = published ? "restore" : "remove";
    await query(AUDIT_INSERT, [id, ORGANISATION, mentorId, operation, status]);
    performed++;
  });

  async function workOff(count: number): Promise<void> {
    while (performed < count) await sleep(5);
    while ((await sql.unsafe(unfinished))[0]?.["count"] !== 0) await sleep(2);
  }

  await rival.add(mentorIds.slice(0, warmUp));
  await workOff(warmUp);
  performed = 0;
  await rival.add(mentorIds);
  await measure(() => workOff(mentorIds.length));
  await rival.stop();
  await sql.end();
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
