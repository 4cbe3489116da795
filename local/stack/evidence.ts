import { assertEquals } from "@std/assert";
import type { Stack } from "./stack_types.ts";

/**
 * Compares what Dynamics received since its log was cleared with what the audit log holds: every attempt it received has
 * one row, and every row has its request or says why not.
 *
 * @returns how many attempts Dynamics received
 */
export async function assertLogMatchesDynamics(stack: Stack): Promise<number> {
  await stack.sql("select private.fill_hlf_sync_audit_gaps('0 seconds')");
  const requests = await stack.simulator.requests();
  const received = new Set(
    requests.filter((request) => request.method === "PATCH").map((request) =>
      request.clientRequestId
    ),
  );
  const first = requests.map((request) => request.clientRequestId ?? "").filter(Boolean).sort()[0];
  if (first === undefined) return 0;
  const rows = await stack.sql<{ id: string; error_message: string | null }>(
    "select id, error_message from public.hlf_sync_audit_log where id >= $1",
    [first],
  );
  const sent = rows.filter(({ error_message }) =>
    !/^(interrupted|network)/.test(error_message ?? "")
  );
  assertEquals(
    new Set([...received].filter((id) => !rows.some((row) => row.id === id))),
    new Set(),
    "attempts that Dynamics received and the log does not know",
  );
  assertEquals(
    sent.map((row) => row.id).filter((id) => !received.has(id)),
    [],
    "rows of attempts that Dynamics never received",
  );
  assertEquals(rows.length, new Set(rows.map((row) => row.id)).size, "one row for each attempt");
  return received.size;
}
