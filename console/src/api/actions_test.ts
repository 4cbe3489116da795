import { assertEquals } from "@std/assert";
import { forceSync, previewRequeue, requeue } from "./actions.ts";
import { clientOf, signIn } from "./testing.ts";

const MENTOR = "00000000-0000-4000-8000-0000000000a1";
const ORGANISATION = "00000000-0000-4000-8000-00000000000a";

/** A project that gives these answers one after the other, and what it was asked. */
function project(...answers: (Response | Error)[]) {
  const { client, asked } = clientOf(...answers);
  signIn(client);
  return { client, asked };
}

function json(status: number, body: unknown): Response {
  return Response.json(body, { status });
}

Deno.test("forceSync() gives what the function reports", async () => {
  const report = { operation: "remove", outcome: "success", error: null } as const;
  const { client, asked } = project(json(200, { ...report, mentor_id: MENTOR, retry_count: 0 }));
  assertEquals(await forceSync(client, MENTOR), report);
  assertEquals(asked, [{
    path: "/functions/v1/hlf-sync",
    body: { type: "force_sync", mentor_id: MENTOR },
    authorization: "Bearer token",
  }]);
});

Deno.test("forceSync() takes a report that is still pending", async () => {
  const report = { operation: null, outcome: "pending", error: "throttled" } as const;
  assertEquals(await forceSync(project(json(202, report)).client, MENTOR), report);
});

Deno.test("forceSync() knows every refusal, and trusts no other answer", async () => {
  for (
    const [answer, expected] of [
      [json(401, { error: { code: "unauthorised" } }), "unauthorised"],
      [json(404, { error: { code: "not_found" } }), "not_found"],
      [json(403, { error: { code: "not_coordinator" } }), "not_coordinator"],
      [json(409, { error: { code: "sync_disabled" } }), "sync_disabled"],
      [json(429, { error: { code: "too_many_requests" } }), "too_many_requests"],
      [json(500, { error: { code: "internal" } }), "other"],
      [new Response("<html>", { status: 502 }), "other"],
      [json(200, { outcome: "splendid" }), "other"],
      [new TypeError("Failed to fetch"), "unreachable"],
    ] as const
  ) {
    assertEquals(await forceSync(project(answer).client, MENTOR), expected);
  }
});

Deno.test("previewRequeue() reads on until there is no more", async () => {
  const row = {
    mentor_id: MENTOR,
    wanted_operation: "remove",
    confirmed_operation: "restore",
    is_in_sync: false,
    is_waiting: false,
    is_dead_letter: true,
  };
  const { client, asked } = project(json(200, [row]), json(200, []));
  assertEquals(await previewRequeue(client, ORGANISATION, [MENTOR]), [
    { mentorId: MENTOR, operation: "remove", isInSync: false, isDeadLetter: true },
  ]);
  assertEquals(asked[0]?.body, { org_id: ORGANISATION, mentor_ids: [MENTOR] });
  assertEquals(asked.length, 2);
});

Deno.test("requeue() tells how many, or why not", async () => {
  for (
    const [answer, expected] of [
      [json(200, [{ result: "accepted", requeued_count: 3 }]), 3],
      [json(200, [{ result: "sync_disabled", requeued_count: 0 }]), "sync_disabled"],
      [json(401, { code: "PGRST301" }), "unauthorised"],
      [json(500, { code: "XX000" }), "other"],
      [new TypeError("Failed to fetch"), "unreachable"],
    ] as const
  ) {
    assertEquals(await requeue(project(answer).client, ORGANISATION, [MENTOR]), expected);
  }
});
