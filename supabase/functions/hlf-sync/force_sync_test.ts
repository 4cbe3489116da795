import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseError } from "../_shared/errors.ts";
import { fakeFetch } from "../_shared/fakes.ts";
import { createDatabaseClient } from "../_shared/service_client.ts";
import { createEngine, type EngineOptions, fakeTokens } from "./engine_fakes.ts";
import { forceSync } from "./force_sync.ts";
import type { MentorState } from "./queue.ts";

const MENTOR = "mentor-1";
const ACCEPTED = () =>
  Response.json([{ result: "accepted", generation: 7, triggered_by_event: "x" }]);

const STATE: MentorState = {
  generation: 7,
  operation: "remove",
  attempts: 0,
  dueAt: "2027-03-01T12:00:00+00:00",
  inFlightAttemptId: null,
  confirmedGeneration: 6,
  deadLetteredAt: null,
  lastError: null,
};

function setUp(options: EngineOptions = {}, permission: () => Response = ACCEPTED) {
  const engine = createEngine(options);
  const { fetch, sent } = fakeFetch(permission);
  const run = () =>
    engine.time.until(forceSync(
      {
        ...engine.deps,
        asUser: (userToken) =>
          createDatabaseClient("http://db.example", "sb_publishable_a", { userToken, fetch }),
      },
      MENTOR,
      "jwt",
    ));
  return { ...engine, run, asked: sent };
}

Deno.test("forceSync() asks as the user, syncs that mentor and reports", async () => {
  const { run, queue, asked, audited } = setUp();
  queue.add("mentor-2");
  queue.add(MENTOR);
  assertEquals(await run(), {
    kind: "done",
    report: {
      mentor_id: MENTOR,
      attempt_id: "0195a1b2-0000-7000-8000-000000000001",
      operation: "remove",
      outcome: "success",
      response_code: 204,
      retry_count: 0,
      error: null,
    },
  });
  assertEquals(asked[0]?.headers.get("authorization"), "Bearer jwt");
  assertEquals(asked[0]?.headers.get("apikey"), "sb_publishable_a");
  assertEquals(asked[0]?.url, "http://db.example/rest/v1/rpc/request_hlf_force_sync");
  assertEquals(queue.calls, ["claim", "settle"]);
  assertEquals(audited.map((row) => row.mentor_id), [MENTOR]);
});

Deno.test("forceSync() reports a failure and when it is tried again", async () => {
  const { run, queue } = setUp({ patch: () => new Response("", { status: 503 }) });
  queue.add(MENTOR, { attempts: 1 });
  const answer = await run();
  assertEquals(answer.kind === "done" && { ...answer.report, next_attempt_at: "" }, {
    mentor_id: MENTOR,
    attempt_id: "0195a1b2-0000-7000-8000-000000000001",
    operation: "remove",
    outcome: "failure",
    response_code: 503,
    retry_count: 1,
    error: "unavailable",
    next_attempt_at: "",
  });
  const at = answer.kind === "done" ? answer.report.next_attempt_at : undefined;
  assertEquals(at?.slice(0, 19), "2027-03-01T12:00:30");
});

Deno.test("forceSync() reports a dead letter with all its attempts", async () => {
  const { run, queue } = setUp({ patch: () => new Response("", { status: 403 }) });
  queue.add(MENTOR);
  queue.lastRefusals.add(MENTOR);
  const answer = await run();
  assertEquals(
    answer.kind === "done" && [answer.report.outcome, answer.report.retry_count],
    ["dead_lettered", 1],
  );
});

Deno.test("forceSync() is refused by the database, and then claims nothing", async () => {
  const refusals = ["not_found", "not_coordinator", "sync_disabled", "too_many_requests"] as const;
  for (const result of refusals) {
    const { run, queue } = setUp(
      {},
      () => Response.json([{ result, generation: null, triggered_by_event: null }]),
    );
    assertEquals(await run(), { kind: "refused", reason: result });
    assertEquals(queue.calls, []);
  }
});

Deno.test("forceSync() a forged or expired token, or nobody's, is unauthorised", async () => {
  const answers: [string, number][] = [["PGRST301", 401], ["PGRST303", 401], ["42501", 403]];
  for (const [code, status] of answers) {
    const { run } = setUp({}, () => Response.json({ code, message: "JWT" }, { status }));
    assertEquals(await run(), { kind: "refused", reason: "unauthorised" });
  }
});

Deno.test("forceSync() throws when the database cannot be asked", async () => {
  const { run } = setUp({}, () => new Response("", { status: 503 }));
  await assertRejects(run, DatabaseError);
});

Deno.test("forceSync() waits for an attempt that another worker has under way", async () => {
  const { run, queue, time } = setUp();
  queue.states = [
    { ...STATE, dueAt: null, inFlightAttemptId: "other" },
    { ...STATE, dueAt: null, inFlightAttemptId: "other" },
    { ...STATE, dueAt: null, confirmedGeneration: 7 },
  ];
  const start = time.monotonic();
  assertEquals(await run(), {
    kind: "done",
    report: {
      mentor_id: MENTOR,
      attempt_id: "other",
      operation: "remove",
      outcome: "success",
      response_code: null,
      retry_count: null,
      error: null,
    },
  });
  assertEquals(time.monotonic() - start < 1000, true);
});

Deno.test("forceSync() tells what another worker failed at", async () => {
  const failed = setUp();
  failed.queue.states = [
    { ...STATE, dueAt: "2027-03-01T12:05:00+00:00", attempts: 2, lastError: "timeout" },
  ];
  const failure = await failed.run();
  assertEquals(
    failure.kind === "done" && [
      failure.report.outcome,
      failure.report.retry_count,
      failure.report.error,
      failure.report.next_attempt_at,
    ],
    ["failure", 1, "timeout", "2027-03-01T12:05:00.000Z"],
  );
  const given = setUp();
  given.queue.states = [{
    ...STATE,
    dueAt: null,
    attempts: 8,
    lastError: "rejected",
    deadLetteredAt: "2027-03-01T12:00:01+00:00",
  }];
  const dead = await given.run();
  assertEquals(dead.kind === "done" && [dead.report.outcome, dead.report.retry_count], [
    "dead_lettered",
    8,
  ]);
});

Deno.test("forceSync() is pending after 20 seconds without an end", async () => {
  const { run, queue, time } = setUp();
  queue.states = [{ ...STATE, dueAt: null, inFlightAttemptId: "other" }];
  const start = time.monotonic();
  const answer = await run();
  assertEquals(answer.kind === "pending" && [answer.report.outcome, answer.report.attempt_id], [
    "pending",
    "other",
  ]);
  assertEquals(Math.floor((time.monotonic() - start) / 1000), 20);
});

Deno.test("forceSync() does not wait for a gate that stays closed longer", async () => {
  const { run, queue, time } = setUp();
  queue.add(MENTOR);
  queue.gate = { until: time.monotonic() + 120_000, reason: "throttled" };
  queue.states = [STATE];
  const answer = await run();
  assertEquals(
    answer.kind === "pending" && [
      answer.report.error,
      answer.report.next_attempt_at?.slice(0, 19),
    ],
    ["throttled", "2027-03-01T12:02:00"],
  );
});

Deno.test("forceSync() waits for a gate that opens soon", async () => {
  const { run, queue, time } = setUp();
  queue.add(MENTOR);
  queue.gate = { until: time.monotonic() + 5000, reason: "throttled" };
  queue.states = [STATE];
  const answer = await run();
  assertEquals(answer.kind === "done" && answer.report.outcome, "success");
});

Deno.test("forceSync() opens the gate when the credentials work again", async () => {
  const { run, queue } = setUp();
  queue.add(MENTOR);
  queue.gate = { until: Infinity, reason: "credentials" };
  queue.states = [STATE];
  const answer = await run();
  assertEquals(answer.kind === "done" && answer.report.outcome, "success");
  assertEquals(queue.gateCalls, ["open credentials"]);
});

Deno.test("forceSync() asks for health once when the gate stays closed all the same", async () => {
  const tokens = fakeTokens({ kind: "token", token: "t" });
  const { run, queue } = setUp({ tokens });
  queue.add(MENTOR);
  queue.gate = { until: Infinity, reason: "credentials" };
  queue.openGate = () => Promise.resolve();
  queue.states = [STATE];
  const answer = await run();
  assertEquals(answer.kind === "pending" && answer.report.error, "credentials_rejected");
  assertEquals(tokens.renewals, 1);
});

Deno.test("forceSync() is pending while credentials are rejected, and closes the gate", async () => {
  const { run, queue } = setUp({ tokens: fakeTokens({ kind: "rejected", aadsts: [7000215] }) });
  queue.add(MENTOR);
  const answer = await run();
  assertEquals(answer.kind === "pending" && answer.report.error, "credentials_rejected");
  assertEquals(queue.gateCalls, ["close credentials"]);
});

Deno.test("forceSync() is pending when the database goes away after it has accepted", async () => {
  const { run, queue, problems } = setUp();
  queue.faults.claim = 1;
  const answer = await run();
  assertEquals(answer.kind, "pending");
  assertEquals(problems().map(({ event }) => event), ["manual_action_failed"]);
});

Deno.test("forceSync() waits no longer than a person does, and lets the rest go on", async () => {
  for (const what of ["Dynamics", "the settlement"] as const) {
    const { run, queue, time, audited } = setUp(what === "Dynamics" ? { latency: 27 } : {});
    if (what === "the settlement") queue.latency.settle = 60;
    queue.add(MENTOR);
    const before = time.monotonic();
    const answer = await run();
    assertEquals(answer.kind === "pending" && answer.report.outcome, "pending");
    assertEquals(Math.round((time.monotonic() - before) / 1000), 20);
    await time.until(
      answer.kind === "pending" ? answer.rest ?? Promise.resolve() : Promise.resolve(),
    );
    assertEquals([queue.settled.length, audited.map((row) => row.outcome)], [1, ["success"]]);
  }
});
