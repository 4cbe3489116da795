import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseError } from "../_shared/errors.ts";
import type { DatabaseAnswer, DatabaseClient } from "../_shared/service_client.ts";
import { requeue } from "./requeue.ts";

const ORGANISATION = "00000000-0000-4000-8000-00000000000a";
const MENTOR = "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d001";

function clientAnswering(answer: Partial<DatabaseAnswer>, calls: unknown[] = []): DatabaseClient {
  return {
    rpc(name: string, args: unknown) {
      calls.push([name, args]);
      return Promise.resolve({ data: null, error: null, status: 200, ...answer });
    },
  } as unknown as DatabaseClient;
}

Deno.test("requeue() asks for some mentors, or for all", async () => {
  const calls: unknown[] = [];
  const client = clientAnswering({ data: [{ result: "accepted", requeued_count: 2 }] }, calls);
  assertEquals(await requeue(client, ORGANISATION, [MENTOR]), { kind: "accepted", requeued: 2 });
  assertEquals(await requeue(client, ORGANISATION, undefined), { kind: "accepted", requeued: 2 });
  assertEquals(calls, [
    ["requeue_hlf_dead_letters", { org_id: ORGANISATION, mentor_ids: [MENTOR] }],
    ["requeue_hlf_dead_letters", { org_id: ORGANISATION }],
  ]);
});

Deno.test("requeue() hands on why it is refused", async () => {
  for (const reason of ["not_found", "not_coordinator", "sync_disabled", "too_many_requests"]) {
    const client = clientAnswering({ data: [{ result: reason, requeued_count: 0 }] });
    assertEquals(await requeue(client, ORGANISATION, undefined) as unknown, {
      kind: "refused",
      reason,
    });
  }
});

Deno.test("requeue() a token that is not accepted is unauthorised, a fault is thrown", async () => {
  const refused = clientAnswering({ error: { code: "PGRST301" }, status: 401 });
  assertEquals(await requeue(refused, ORGANISATION, undefined), {
    kind: "refused",
    reason: "unauthorised",
  });
  const broken = clientAnswering({ error: { code: "57P01" }, status: 500 });
  await assertRejects(() => requeue(broken, ORGANISATION, undefined), DatabaseError);
});
