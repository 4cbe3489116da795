import { assertEquals } from "@std/assert";
import type { SimulatedRequest } from "../simulator/simulator_client.ts";
import { completeLog } from "./observe.ts";
import type { ReachableStack } from "./stack_types.ts";

/**
 * Compares what Dynamics received since its log was cleared with what the audit log holds: every attempt is one request
 * and one row, and every row has its request or says why not.
 *
 * @param event only rows of this event; for ids that an administrator's machine made, which has the time from Dynamics, by whole
 * seconds: they may be older than those that were there before
 * @returns how many attempts Dynamics received
 */
export async function assertLogMatchesDynamics(
  stack: ReachableStack,
  event: string | null = null,
): Promise<number> {
  await completeLog(stack);
  const received = groupByAttempt(await stack.simulator.requests());
  const [first] = [...received.keys()].sort();
  if (first === undefined) return 0;
  const rows = await stack.sql<{ id: string; rows: number; error_message: string | null }>(
    `select id, count(*)::integer as rows, min(error_message) as error_message
     from public.hlf_sync_audit_log
     where id >= $1 and triggered_by_event = coalesce($2, triggered_by_event) group by id`,
    [first, event],
  );
  const known = new Set(rows.map(({ id }) => id));
  assertEquals(
    [...received.keys()].filter((id) => !known.has(id)),
    [],
    "attempts that Dynamics received and the log does not know",
  );
  assertEquals(rows.filter((row) => row.rows !== 1), [], "attempts with several rows");
  assertEquals(
    rows.filter(({ id, error_message }) =>
      !received.has(id) && !/^(interrupted|network|credentials_rejected)/.test(error_message ?? "")
    ),
    [],
    "rows of attempts that Dynamics never received",
  );
  assertEquals(
    [...received].filter(([, requests]) => requests.length > allowedRequests(requests)),
    [],
    "attempts that Dynamics received more than once",
  );
  return received.size;
}

/** A refused token is renewed and the request sent once more: Dataverse did nothing for the first. */
function allowedRequests(requests: readonly SimulatedRequest[]): number {
  return requests[0]?.status === 401 ? 2 : 1;
}

function groupByAttempt(requests: readonly SimulatedRequest[]): Map<string, SimulatedRequest[]> {
  const writes = requests.filter(({ method, clientRequestId }) =>
    method === "PATCH" && clientRequestId !== null
  );
  return Map.groupBy(writes, ({ clientRequestId }) => clientRequestId ?? "");
}
