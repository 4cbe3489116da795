import { assertEquals, assertRejects } from "@std/assert";
import { DatabaseError } from "../_shared/errors.ts";
import { fakeFetch } from "../_shared/fakes.ts";
import { createDatabaseClient } from "../_shared/service_client.ts";
import { createEngine, type EngineOptions, fakeTokens, status } from "./engine_fakes.ts";
import { forceSync, type ForceSyncAnswer } from "./force_sync.ts";
import type { Fate, Queue } from "./queue.ts";

const MENTOR = "mentor-1";
const ACCEPTED = () =>
  Response.json([{ result: "accepted", generation: 7, triggered_by_event: "x" }]);

const DUE: Fate = {
  outcome: "pending",
  attempt_id: null,
  operation: "remove",
  response_code: null,
  retry_count: null,
  error: null,
  next_attempt_at: null,
  is_due: true,
  gate_reason: null,
  gate_seconds: null,
};
const ELSEWHERE: Fate = { ...DUE, attempt_id: "other", is_due: false };

function setUp(
  options: EngineOptions = {},
  permission: () => Response | Promise<Response> = ACCEPTED,
) {
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

const TOKEN = { kind: "token", token: "t" } as const;

function withLatency(call: keyof Queue, seconds: number, options: EngineOptions = {}) {
  const engine = setUp(options);
  engine.queue.latency[call] = seconds;
  return engine;
}

function withoutRest(answer: ForceSyncAnswer) {
  if (answer.kind === "refused") throw new Error(answer.reason);
  const { kind, report } = answer;
  return { kind, report };
}

Deno.test("forceSync() asks as the user, syncs that mentor and reports", async () => {
  const { run, queue, asked, audited } = setUp();
  queue.add("mentor-2");
  queue.add(MENTOR);
  assertEquals(withoutRest(await run()), {
    kind: "done",
    report: {
      mentor_id: MENTOR,
      attempt_id: "0195a1b2-0000-7000-8000-000000000001",
      operation: "remove",
      outcome: "success",
      response_code: 204,
      retry_count: 0,
      error: null,
      recorded: true,
    },
  });
  assertEquals(asked[0]?.headers.get("authorization"), "Bearer jwt");
  assertEquals(asked[0]?.headers.get("apikey"), "sb_publishable_a");
  assertEquals(asked[0]?.url, "http://db.example/rest/v1/rpc/request_hlf_force_sync");
  assertEquals(queue.calls, ["claimOne", "settle"]);
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
    recorded: true,
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

Deno.test("forceSync() waits for an attempt that another worker has under way, and claims nothing meanwhile", async () => {
  const { run, queue, time } = setUp();
  queue.fates = [
    ELSEWHERE,
    ELSEWHERE,
    { ...ELSEWHERE, outcome: "success", response_code: 204, retry_count: 0 },
  ];
  const start = time.monotonic();
  assertEquals(withoutRest(await run()), {
    kind: "done",
    report: {
      mentor_id: MENTOR,
      attempt_id: "other",
      operation: "remove",
      outcome: "success",
      response_code: 204,
      retry_count: 0,
      error: null,
      recorded: true,
    },
  });
  assertEquals(time.monotonic() - start < 1000, true);
  assertEquals(queue.calls, ["claimOne", "follow", "follow", "follow"]);
});

Deno.test("forceSync() tells what another worker failed at, in the database's words", async () => {
  for (const outcome of ["failure", "dead_lettered"] as const) {
    const { run, queue } = setUp();
    const error = "timeout";
    const next_attempt_at = "2027-03-01T12:05:00.000Z";
    queue.fates = [{ ...ELSEWHERE, outcome, retry_count: 1, error, next_attempt_at }];
    const { report } = withoutRest(await run());
    assertEquals(
      [report.outcome, report.retry_count, report.error, report.next_attempt_at],
      [outcome, 1, error, next_attempt_at],
    );
  }
});

Deno.test("forceSync() is pending after 20 seconds without an end", async () => {
  const { run, queue, time } = setUp();
  queue.fates = [ELSEWHERE];
  const start = time.monotonic();
  const answer = await run();
  assertEquals(answer.kind === "pending" && [answer.report.outcome, answer.report.attempt_id], [
    "pending",
    "other",
  ]);
  assertEquals(Math.floor((time.monotonic() - start) / 1000), 20);
  // Nothing polls for somebody who is gone.
  const calls = queue.calls.length;
  await time.pass(60);
  assertEquals(queue.calls.length - calls <= 1, true);
});

Deno.test("forceSync() does not wait for a gate that stays closed longer", async () => {
  const { run, queue, time } = setUp();
  queue.add(MENTOR);
  queue.gate = { until: time.monotonic() + 120_000, reason: "throttled" };
  queue.fates = [{
    ...DUE,
    is_due: false,
    gate_reason: "throttled",
    gate_seconds: 120,
    next_attempt_at: "2027-03-01T12:02:00.000Z",
  }];
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
  const held: Fate = { ...DUE, is_due: false, gate_reason: "throttled", gate_seconds: 5 };
  queue.fates = [...Array(9).fill(held), DUE];
  const answer = await run();
  assertEquals(answer.kind === "done" && answer.report.outcome, "success");
});

Deno.test("forceSync() opens the gate when the credentials work again", async () => {
  const { run, queue } = setUp();
  queue.add(MENTOR);
  queue.gate = { until: Infinity, reason: "credentials" };
  queue.fates = [{ ...DUE, is_due: false, gate_reason: "credentials" }];
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
  queue.fates = [{ ...DUE, is_due: false, gate_reason: "credentials" }];
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

Deno.test("forceSync() is pending when the database goes away after it has accepted, and says so once", async () => {
  for (const call of ["claimOne", "follow"] as const) {
    const { run, queue, problems, time } = setUp();
    queue.faults[call] = Infinity;
    const start = time.monotonic();
    const answer = await run();
    assertEquals([answer.kind, Math.round((time.monotonic() - start) / 1000)], ["pending", 20]);
    await time.until(answer.kind === "refused" ? Promise.resolve() : answer.rest);
    assertEquals(problems().map(({ event }) => event), ["manual_action_failed"]);
  }
});

Deno.test("forceSync() asks again while somebody waits: a restart of REST takes seconds", async () => {
  for (const [call, faults] of [["claimOne", 4], ["follow", 4]] as const) {
    const { run, queue, problems } = setUp();
    queue.faults[call] = faults;
    if (call === "claimOne") queue.add(MENTOR);
    else queue.fates = [{ ...DUE, outcome: "success", attempt_id: "a" }];
    const { kind, report } = withoutRest(await run());
    assertEquals([kind, report.outcome, problems()], ["done", "success", []], call);
  }
});

Deno.test("forceSync() asks again whatever REST and its gateway answer, and says in the end what they did", async () => {
  const answers = [
    ["PGRST001", 503],
    ["PGRST202", 404],
    ["unexpected_shape", 200],
    ["unreadable", 429],
  ] as const;
  for (const [code, status] of answers) {
    const { run, queue } = setUp();
    queue.add(MENTOR);
    const claimOne = queue.claimOne.bind(queue);
    let asked = 0;
    queue.claimOne = (mentorId, options) =>
      ++asked < 4
        ? Promise.reject(new DatabaseError("claim", code, status))
        : claimOne(mentorId, options);
    assertEquals(withoutRest(await run()).report.outcome, "success");
  }
  const { run, queue, problems, time } = setUp();
  queue.claimOne = () => Promise.reject(new DatabaseError("claim", "PGRST202", 404));
  const answer = await run();
  await time.until(answer.kind === "refused" ? Promise.resolve() : answer.rest);
  assertEquals(answer.kind, "pending");
  assertEquals(problems().map(({ event }) => event), ["manual_action_failed"]);
});

Deno.test("forceSync() opens the gate once at most, whatever fails meanwhile", async () => {
  const { run, queue } = setUp();
  queue.fates = [{ ...DUE, is_due: false, gate_reason: "credentials" }];
  const follow = queue.follow.bind(queue);
  let count = 0;
  queue.follow = () => {
    if (++count % 2 === 0) throw new DatabaseError("follow", "network", 0);
    return follow();
  };
  await run();
  assertEquals(queue.gateCalls, ["open credentials"]);
});

Deno.test("forceSync() does not say that credentials are rejected because the database cannot be told that they are not", async () => {
  const { run, queue } = setUp();
  queue.gate = { until: Infinity, reason: "credentials" };
  queue.add(MENTOR);
  queue.fates = [{ ...DUE, is_due: false, gate_reason: "credentials" }];
  queue.faults.openGate = 3;
  const { kind, report } = withoutRest(await run());
  assertEquals([kind, report.outcome, report.error], ["done", "success", null]);

  queue.gate = { until: Infinity, reason: "credentials" };
  queue.faults.openGate = Infinity;
  const stillAway = withoutRest(await run());
  assertEquals([stillAway.kind, stillAway.report.error], ["pending", null]);
});

Deno.test("forceSync() is answered within 20 seconds whatever hangs, and the rest goes on", async () => {
  const setUps: Record<string, () => ReturnType<typeof setUp>> = {
    token: () =>
      setUp({ tokens: { ...fakeTokens(), get: () => Promise.withResolvers<never>().promise } }),
    claim: () => withLatency("claimOne", 60),
    follow: () => withLatency("follow", 60),
    health: () => {
      const engine = setUp({
        tokens: { ...fakeTokens(TOKEN), renew: () => Promise.withResolvers<never>().promise },
      });
      engine.queue.gate = { until: Infinity, reason: "credentials" };
      engine.queue.fates = [{ ...DUE, is_due: false, gate_reason: "credentials" }];
      return engine;
    },
    "closing the gate": () => withLatency("closeGate", 60, { patch: () => status(429) }),
    Dynamics: () => setUp({ latency: 27 }),
    settle: () => withLatency("settle", 60),
  };
  for (const [what, make] of Object.entries(setUps)) {
    const { run, queue, time } = make();
    if (what !== "follow") queue.add(MENTOR);
    const start = time.monotonic();
    const answer = await run();
    assertEquals(Math.round((time.monotonic() - start) / 1000), 20, what);
    assertEquals(answer.kind === "refused", false, what);
  }
});

Deno.test("forceSync() throws in time when nobody says whether it may", async () => {
  const { run, time } = setUp({}, () => Promise.withResolvers<never>().promise);
  const start = time.monotonic();
  await assertRejects(run, DatabaseError);
  assertEquals(Math.round((time.monotonic() - start) / 1000), 20);
});

Deno.test("forceSync() says what Dynamics answered, and that the database does not know it", async () => {
  const { run, queue, time, audited } = setUp();
  queue.latency.settle = 60;
  queue.add(MENTOR);
  const answer = await run();
  assertEquals(answer.kind === "done" && [answer.report.outcome, answer.report.recorded], [
    "success",
    false,
  ]);
  await time.until(answer.kind === "refused" ? Promise.resolve() : answer.rest);
  assertEquals([queue.settled.length, audited.map((row) => row.outcome)], [1, ["success"]]);
});

Deno.test("forceSync() does not call recorded what the database settled otherwise", async () => {
  const { run, queue, time } = setUp();
  const row = queue.add(MENTOR);
  queue.latency.settle = 1;
  queue.settle = async (settlements) => {
    row.inFlight = null;
    await time.sleep(0.1);
    const lost = { result: "lease_lost", outcome: "failure", due_in_seconds: null } as const;
    return new Map(
      settlements.map(({ attemptId: attempt_id }) => [attempt_id, { attempt_id, ...lost }]),
    );
  };
  const { report } = withoutRest(await run());
  assertEquals([report.outcome, report.recorded], ["success", false]);
});

Deno.test("forceSync() claims nothing once nobody waits any longer", async () => {
  const held = Promise.withResolvers<typeof TOKEN>();
  const { run, queue, time } = setUp({ tokens: { ...fakeTokens(), get: () => held.promise } });
  queue.add(MENTOR);
  const answer = await run();
  held.resolve(TOKEN);
  await time.until(answer.kind === "refused" ? Promise.resolve() : answer.rest);
  assertEquals([answer.kind, queue.calls], ["pending", []]);
});

Deno.test("forceSync() of somebody whom nobody knows any more is pending without a problem", async () => {
  const { run, queue, problems } = setUp();
  queue.fates = [null];
  const answer = withoutRest(await run());
  assertEquals([answer.kind, answer.report.error, problems()], ["pending", null, []]);
});

Deno.test("forceSync() asks nothing more once its token is refused", async () => {
  const tokens = fakeTokens({ kind: "rejected", aadsts: [7000215] });
  const { run, queue, sent } = setUp({ tokens });
  queue.fates = [{ ...DUE, outcome: "success" }];
  const { kind, report } = withoutRest(await run());
  assertEquals([kind, report.error], ["pending", "credentials_rejected"]);
  assertEquals([queue.calls, sent.length], [["closeGate"], 0]);
});

Deno.test("forceSync() sends nothing when the claim took as long as its lease lasts", async () => {
  const { run, queue, sent } = setUp({ settings: { leaseSeconds: 5, requestTimeoutSeconds: 3 } });
  queue.latency.claimOne = 6;
  queue.add(MENTOR);
  assertEquals(withoutRest(await run()).report.outcome, "pending");
  assertEquals(sent.length, 0);
});

Deno.test("forceSync() asks the database a few times while it waits, not as often as it can", async () => {
  const waiting = setUp();
  waiting.queue.fates = [ELSEWHERE];
  await waiting.run();
  const away = setUp();
  away.queue.faults.claimOne = Infinity;
  away.queue.fates = [DUE];
  await away.run();
  for (const { queue } of [waiting, away]) {
    assertEquals(queue.calls.length > 10 && queue.calls.length < 30, true);
  }
});
