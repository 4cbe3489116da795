import { assertEquals } from "@std/assert";
import { flushPromises } from "../_shared/fakes.ts";
import type { Settlement } from "./queue.ts";
import { createEngine, fakeTokens, ids, mentorOf, status } from "./engine_fakes.ts";

Deno.test("drain() claims, tells Dynamics, audits and settles", async () => {
  const { drain, time, queue, sent, audited, problems } = createEngine();
  queue.add("mentor-1");
  await time.until(drain.drain());
  assertEquals(queue.calls, ["claimAhead", "settle"]);
  assertEquals(sent.map(mentorOf), ["mentor-1"]);
  assertEquals(queue.settled, [{
    attemptId: "0195a1b2-0000-7000-8000-000000000001",
    operation: "remove",
    decision: {
      outcome: "success",
      errorMessage: null,
      responseCode: 204,
      retryDelaySeconds: null,
      gate: { kind: "none" },
    },
  }]);
  assertEquals(audited, [{
    id: "0195a1b2-0000-7000-8000-000000000001",
    organisation_id: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d002",
    mentor_id: "mentor-1",
    operation: "remove",
    dynamics_response_code: 204,
    retry_count: 0,
    outcome: "success",
    error_message: null,
    triggered_by_event: "status_change:paused",
  }]);
  assertEquals(problems(), []);
});

Deno.test("drain() asks once when nothing is due, and ends", async () => {
  const { drain, time, queue, entries } = createEngine();
  await time.until(drain.drain());
  assertEquals([queue.calls, entries], [["claimAhead"], []]);
});

Deno.test("drain() has as many requests under way as it may, and claims and settles in batches", async () => {
  const { drain, time, queue, sent, inFlight, audited } = createEngine({ latency: 0.02 });
  ids(1000).forEach((id) => queue.add(id));
  await time.until(drain.drain());
  assertEquals([sent.length, audited.length, queue.settled.length], [1000, 1000, 1000]);
  assertEquals([inFlight.most, queue.drainer], [50, null]);
  assertEquals(queue.settleBatches.reduce((a, b) => a + b), 1000);
  assertEquals(queue.settleBatches.length < 120, true, `${queue.settleBatches}`);
  assertEquals(queue.claims.length < 70, true, `${queue.claims}`);
});

Deno.test("drain() ends with credentials in doubt, and claims nothing more", async () => {
  const { drain, time, queue, sent } = createEngine({
    patch: () => status(401),
    settings: { concurrency: 2 },
    tokens: fakeTokens({ kind: "token", token: "t" }),
  });
  ids(5).forEach((id) => queue.add(id));
  queue.faults.closeGate = Infinity;
  await time.until(drain.drain());
  assertEquals([sent.length, queue.settled.length], [4, 2]);
});

Deno.test("drain() waits inside its time for retries, to the dead letter", async () => {
  const { drain, time, queue, audited } = createEngine({
    patch: () => status(503),
    settings: { timeBudgetSeconds: 300 },
  });
  queue.add("mentor-1");
  const start = time.monotonic();
  await time.until(drain.drain());
  assertEquals(
    audited.map((row) => [row.outcome, row.retry_count, row.dynamics_response_code]),
    [["failure", 0, 503], ["failure", 1, 503], ["failure", 2, 503], ["dead_lettered", 4, 503]],
  );
  assertEquals(Math.floor((time.monotonic() - start) / 1000), 5 + 30 + 120);
});

Deno.test("drain() asks the queue for a retry when it is due, and not before", async () => {
  const { drain, time, queue } = createEngine({
    patch: (_, count) => count === 1 ? status(503) : new Response(null, { status: 204 }),
  });
  queue.add("mentor-1");
  const done = drain.drain();
  await time.pass(4.9);
  assertEquals(queue.calls, ["claimAhead", "settle"]);
  await time.pass(0.5);
  assertEquals(queue.calls, ["claimAhead", "settle", "claimAhead", "settle"]);
  await time.until(done);
});

Deno.test("drain() leaves a retry that is too far off to the sweep", async () => {
  const { drain, time, queue, audited } = createEngine({ patch: () => status(503) });
  queue.add("mentor-1");
  await time.until(drain.drain());
  assertEquals(audited.length, 3);
  assertEquals(queue.rows[0]?.dueAt !== null, true);
});

Deno.test("drain() looks for a retry that falls due while others are under way", async () => {
  let count = 0;
  const { drain, time, queue, deps } = createEngine({
    patch: async (request) => {
      if (mentorOf(request) === "slow") await deps.sleep(9);
      else if (++count === 1) return status(503);
      return new Response(null, { status: 204 });
    },
  });
  queue.add("slow");
  queue.add("mentor-1");
  const done = drain.drain();
  await time.pass(6);
  assertEquals([count, queue.rows.map((row) => row.inFlight === null)], [2, [false, true]]);
  await time.until(done);
});

Deno.test("drain() a nudge while it works makes it look again: no wake-up is lost", async () => {
  const { drain, time, queue, sent } = createEngine();
  queue.add("mentor-1");
  const first = drain.drain();
  // At every moment of the first drain, the very last included, somebody else becomes due.
  let isOver = false;
  first.then(() => isOver = true);
  let added = 1;
  while (!isOver) {
    await time.pass(0.001);
    if (isOver) break;
    queue.add(`mentor-${++added}`);
    void drain.drain();
    if (added === 60) break;
  }
  await time.until(first);
  assertEquals(sent.length, added);
  assertEquals(queue.rows.every((row) => row.dueAt === null && row.inFlight === null), true);
});

Deno.test("drain() a nudge after the last answer of the queue starts a new look", async () => {
  const { drain, time, queue, sent } = createEngine();
  const answered = Promise.withResolvers<void>();
  const claimAhead = queue.claimAhead.bind(queue);
  queue.claimAhead = async (options) => {
    const answer = await claimAhead(options);
    // The queue said that nobody waits; before the drain hears it, somebody becomes due.
    if (sent.length === 0 && queue.rows.length === 0) {
      queue.add("mentor-1");
      void drain.drain();
      answered.resolve();
    }
    return answer;
  };
  const done = drain.drain();
  await time.until(answered.promise);
  await time.until(done);
  assertEquals(sent.length, 1);
});

Deno.test("drain() a nudge wakes it from its sleep", async () => {
  const { drain, time, queue, sent } = createEngine();
  queue.add("later", { dueAt: time.monotonic() + 60_000 });
  const done = drain.drain();
  await time.pass(1);
  queue.add("now");
  void drain.drain();
  await time.pass(1);
  assertEquals(sent.map(mentorOf), ["now"]);
  await time.until(done);
  assertEquals(sent.map(mentorOf), ["now", "later"]);
});

Deno.test("drain() asks the queue no more than once while it waits for who is due later", async () => {
  const { drain, time, queue, sent } = createEngine();
  queue.add("later", { dueAt: time.monotonic() + 60_000 });
  const done = drain.drain();
  await time.pass(59);
  assertEquals([queue.calls, sent.length], [["claimAhead"], 0]);
  await time.pass(2);
  assertEquals(sent.map(mentorOf), ["later"]);
  await time.until(done);
});

Deno.test("drain() two at once share the concurrency", async () => {
  const { drain, time, queue, inFlight, sent } = createEngine({ settings: { concurrency: 4 } });
  ids(20).forEach((id) => queue.add(id));
  await time.until(Promise.all([drain.drain(), drain.drain(), drain.drain()]));
  assertEquals([inFlight.most, sent.length], [4, 20]);
});

Deno.test("drain() rejected credentials: nothing is claimed, the gate closes, one line", async () => {
  const { drain, time, queue, sent, entries } = createEngine({
    tokens: fakeTokens({ kind: "rejected", aadsts: [7000222] }),
  });
  queue.add("mentor-1");
  await time.until(drain.drain());
  assertEquals(queue.calls, ["closeGate"]);
  assertEquals(queue.gateCalls, ["close credentials"]);
  assertEquals(sent.length, 0);
  assertEquals(entries, [{
    level: "error",
    event: "credentials_rejected",
    class: "credentials_rejected",
    aadsts: [7000222],
    cause: "DYNAMICS_CLIENT_SECRET has expired",
  }]);
});

Deno.test("drain() goes on when Entra is away only for a while", async () => {
  const away = { kind: "unavailable", class: "network", retryAfterSeconds: null } as const;
  const { drain, time, queue, sent, problems } = createEngine({
    tokens: fakeTokens(away, away, { kind: "token", token: "t" }),
  });
  queue.add("mentor-1");
  await time.until(drain.drain());
  assertEquals([sent.length, problems()], [1, []]);
});

Deno.test("drain() waits before it asks Entra again, ever longer and for as long as Entra says", async () => {
  const moments: number[] = [];
  const get = () => {
    moments.push(time.monotonic() / 1000);
    if (moments.length > 3) return Promise.resolve({ kind: "token", token: "t" } as const);
    const retryAfterSeconds = moments.length === 3 ? 40 : null;
    return Promise.resolve({ kind: "unavailable", class: "network", retryAfterSeconds } as const);
  };
  const { drain, time, queue, sent } = createEngine({ tokens: { get, renew: get } });
  queue.add("mentor-1");
  await time.until(drain.drain());
  assertEquals(sent.length, 1);
  const [first = 0, second = 0, third = 0] = moments.slice(1).map((at, n) =>
    at - (moments[n] ?? 0)
  );
  assertEquals([first >= 0.5, second > first, third], [true, true, 40], `${moments}`);
});

Deno.test("drain() ends with one line when Entra stays away; nobody is claimed", async () => {
  const { drain, time, queue, sent, entries } = createEngine({
    tokens: fakeTokens({ kind: "unavailable", class: "timeout", retryAfterSeconds: null }),
  });
  queue.add("mentor-1");
  await time.until(drain.drain());
  assertEquals([queue.calls, sent.length], [[], 0]);
  assertEquals(entries, [{ level: "error", event: "token_unavailable", class: "timeout" }]);
});

Deno.test("drain() a throttle closes the gate once for the longest time and goes on after it", async () => {
  let isThrottled = true;
  const { drain, time, queue, sent } = createEngine({
    patch: () =>
      isThrottled ? status(429, { "retry-after": "30" }) : new Response(null, { status: 204 }),
  });
  ids(20).forEach((id) => queue.add(id));
  const done = drain.drain();
  await time.pass(10);
  assertEquals([sent.length, queue.gateCalls], [20, ["close throttled 30"]]);
  isThrottled = false;
  await time.pass(19);
  assertEquals(sent.length, 20);
  await time.until(done);
  assertEquals(sent.length, 40);
});

Deno.test("drain() sends nothing that is ready once Dynamics has asked it to wait", async () => {
  let isThrottled = true;
  const { drain, time, queue, sent } = createEngine({
    patch: () =>
      isThrottled ? status(429, { "retry-after": "30" }) : new Response(null, { status: 204 }),
  });
  ids(54).forEach((id) => queue.add(id));
  const done = drain.drain();
  await time.pass(10);
  assertEquals([sent.length, queue.settled.length, queue.handedBack.length], [50, 50, 4]);
  isThrottled = false;
  await time.until(done);
  assertEquals(queue.rows.map(({ attempts }) => attempts), [...Array(50).fill(2), 1, 1, 1, 1]);
});

Deno.test("drain() a refused application user closes the gate and ends the drain", async () => {
  const { drain, time, queue, sent, audited } = createEngine({
    patch: () => status(401),
    settings: { concurrency: 5 },
  });
  ids(50).forEach((id) => queue.add(id));
  await time.until(drain.drain());
  // Each once more with a new token.
  assertEquals(sent.length, 10);
  assertEquals(queue.gate?.reason, "credentials");
  assertEquals(audited.map((row) => row.outcome), Array(5).fill("failure"));
});

Deno.test("drain() opens a gate closed for credentials when a health check passes", async () => {
  const tokens = fakeTokens({ kind: "token", token: "t" });
  const { drain, time, queue, sent, inFlight, problems } = createEngine({ tokens });
  ids(10).forEach((id) => queue.add(id));
  queue.gate = { until: Infinity, reason: "credentials" };
  await time.until(drain.drain());
  assertEquals(queue.gateCalls, ["open credentials"]);
  assertEquals([tokens.renewals, sent.length, inFlight.most, problems()], [1, 11, 9, []]);
});

Deno.test("drain() after opening sends one attempt to see, and closes again if it is refused", async () => {
  const { drain, time, queue, sent } = createEngine({ patch: () => status(401) });
  ids(10).forEach((id) => queue.add(id));
  queue.gate = { until: Infinity, reason: "credentials" };
  await time.until(drain.drain());
  assertEquals(sent.length, 3);
  assertEquals(queue.gateCalls, ["open credentials", "close credentials"]);
});

for (const reason of ["credentials", "settings"] as const) {
  Deno.test(`drain() probes with one attempt while a refusal may be everybody's: ${reason}`, async () => {
    const { drain, time, queue, inFlight } = createEngine({
      patch: (_, count) => count < 4 ? status(403) : new Response(null, { status: 204 }),
    });
    ids(10).forEach((id) => queue.add(id));
    queue.gate = { until: Infinity, reason };
    const done = drain.drain();
    await time.pass(0.4);
    assertEquals([inFlight.most, queue.settled.length], [1, 3]);
    await time.until(done);
    // From the first success on all go at once.
    assertEquals(inFlight.most, 6);
    assertEquals(queue.gateCalls, [`open ${reason}`]);
  });
}

Deno.test("drain() a refused mentor holds up nobody, and the row of its dead letter says so", async () => {
  const { drain, time, queue, audited, sent } = createEngine({
    patch: (request) =>
      mentorOf(request) === "mentor-1" ? status(403) : new Response(null, { status: 204 }),
  });
  ids(50).forEach((id) => queue.add(id));
  queue.lastRefusals.add("mentor-1");
  await time.until(drain.drain());
  assertEquals(queue.gateCalls, []);
  assertEquals(sent.length, 50);
  const rows = audited.filter((row) => row.mentor_id === "mentor-1");
  assertEquals(rows.map((row) => [row.outcome, row.error_message, row.retry_count]), [
    ["dead_lettered", "forbidden", 1],
  ]);
});

Deno.test("drain() asks for health once when the gate stays closed all the same", async () => {
  const tokens = fakeTokens({ kind: "token", token: "t" });
  const { drain, time, queue } = createEngine({ tokens });
  queue.add("mentor-1");
  queue.gate = { until: Infinity, reason: "credentials" };
  queue.openGate = () => Promise.resolve();
  await time.until(drain.drain());
  assertEquals([tokens.renewals, queue.settled.length], [1, 0]);
});

/** As the database does with a refusal that comes to everybody. */
function closeAgainAfter(
  queue: ReturnType<typeof createEngine>["queue"],
  isRefusal: (settlement: Settlement) => boolean,
): void {
  const settle = queue.settle.bind(queue);
  queue.settle = async (settlements) => {
    const rows = await settle(settlements);
    if (settlements.some(isRefusal)) queue.gate = { until: Infinity, reason: "settings" };
    return rows;
  };
}

Deno.test("drain() probes nobody else before the database has judged the probe", async () => {
  const { drain, time, queue, sent } = createEngine({ patch: () => status(400) });
  ids(3).forEach((id) => queue.add(id));
  queue.gate = { until: Infinity, reason: "settings" };
  queue.latency.settle = 0.5;
  closeAgainAfter(queue, () => true);
  const start = time.monotonic();
  await time.until(drain.drain());
  assertEquals(sent.filter(({ method }) => method === "PATCH").length, 1);
  assertEquals(time.monotonic() - start < 1000, true, "nothing is waited for that has ended");
});

Deno.test("drain() opens the gate as soon as what is under way has ended", async () => {
  for (const count of [1, 2]) {
    const { drain, time, queue } = createEngine({ latency: 0.3 });
    ids(count).forEach((id) => queue.add(id));
    const done = drain.drain();
    await time.pass(0.1);
    queue.gate = { until: Infinity, reason: "settings" };
    queue.add("mentor-3");
    void drain.drain();
    await time.pass(0.25);
    assertEquals(queue.gateCalls, ["open settings"]);
    await time.until(done);
    assertEquals(queue.settled.length, count + 1);
  }
});

Deno.test("drain() called while a probe is under way probes once more: the cause may be gone since", async () => {
  const { drain, time, queue } = createEngine({
    latency: 0.3,
    patch: (_, count) => count === 1 ? status(400) : new Response(null, { status: 204 }),
  });
  ids(3).forEach((id) => queue.add(id));
  queue.gate = { until: Infinity, reason: "settings" };
  closeAgainAfter(queue, ({ decision }) => decision.outcome === "failure");
  const done = drain.drain();
  await time.pass(0.2);
  void drain.drain();
  await time.until(done);
  assertEquals(queue.gateCalls, ["open settings", "open settings"]);
  assertEquals(queue.rows.map(({ inFlight }) => inFlight), [null, null, null]);
  assertEquals(queue.settled.filter(({ decision }) => decision.outcome === "success").length, 3);
});

Deno.test("drain() closes the gate before it settles what closed it", async () => {
  const { drain, time, queue } = createEngine({ patch: () => status(429) });
  queue.add("mentor-1");
  queue.latency.closeGate = 1;
  queue.latency.settle = 0;
  const done = drain.drain();
  await time.pass(0.9);
  assertEquals([queue.gateCalls, queue.settled.length], [[], 0]);
  await time.pass(0.3);
  assertEquals([queue.gateCalls.length, queue.settled.length], [1, 1]);
  await time.until(done);
});

Deno.test("drain() leaves the gate closed when the health check fails", async () => {
  const { drain, time, queue, sent, problems } = createEngine({ whoAmI: () => status(403) });
  queue.add("mentor-1");
  queue.gate = { until: Infinity, reason: "credentials" };
  await time.until(drain.drain());
  assertEquals([queue.gateCalls, sent.length], [[], 1]);
  assertEquals(problems(), [{
    level: "error",
    event: "health_check_failed",
    class: "forbidden",
  }]);
});

Deno.test("drain() hands back what its lease leaves no time for: it never was an attempt", async () => {
  const { drain, time, queue, sent, audited, problems } = createEngine({
    settings: { timeBudgetSeconds: 100, requestTimeoutSeconds: 55 },
  });
  queue.add("mentor-1");
  queue.latency.claimAhead = 6;
  await time.until(drain.drain());
  assertEquals([sent.length, audited.length, queue.settled.length], [0, 0, 0]);
  assertEquals([queue.rows[0]?.attempts, queue.rows[0]?.inFlight], [0, null]);
  assertEquals(problems(), []);
});

Deno.test("drain() asks the queue again while it is away for some seconds", async () => {
  const { drain, time, queue, problems } = createEngine();
  queue.faults.claimAhead = 3;
  queue.add("mentor-1");
  await time.until(drain.drain());
  assertEquals([queue.settled.length, problems()], [1, []]);
});

Deno.test("drain() goes on when the queue has been away for long, and says so once", async () => {
  const { drain, time, queue, problems } = createEngine();
  queue.faults.claimAhead = 12;
  queue.add("mentor-1");
  await time.until(drain.drain());
  assertEquals(queue.settled.length, 1);
  assertEquals(problems(), [{ level: "error", event: "claim_failed", code: "network", status: 0 }]);
});

Deno.test("drain() asks a queue that is away again soon, and every few seconds when it stays away", async () => {
  const { drain, time, queue } = createEngine();
  queue.faults.claimAhead = Infinity;
  const done = drain.drain();
  await time.pass(1);
  assertEquals(queue.calls.length, 2);
  await time.pass(59);
  assertEquals(queue.calls.length > 10 && queue.calls.length < 20, true, `${queue.calls.length}`);
  drain.stop();
  await time.until(done);
});

Deno.test("drain() ends with its time when the queue stays away", async () => {
  for (const timeBudgetSeconds of [110, 2]) {
    const { drain, time, queue, entries } = createEngine({ settings: { timeBudgetSeconds } });
    queue.faults.claimAhead = Infinity;
    await time.until(drain.drain());
    assertEquals(entries, [{ level: "error", event: "claim_failed", code: "network", status: 0 }]);
    queue.faults.claimAhead = 0;
    queue.add("mentor-1");
    await time.until(drain.drain());
    assertEquals(queue.settled.length, 1);
  }
});

Deno.test("drain() loses no result while the database is away for a moment", async () => {
  const { drain, time, queue, sent, problems } = createEngine();
  ids(3).forEach((id) => queue.add(id));
  queue.faults.settle = 4;
  await time.until(drain.drain());
  assertEquals([sent.length, queue.settled.length, problems()], [3, 3, []]);
});

Deno.test("drain() gives up, naming the attempts, when results cannot be settled at all", async () => {
  const { drain, time, queue, sent, problems } = createEngine({ settings: { concurrency: 2 } });
  ids(10).forEach((id) => queue.add(id));
  queue.faults.settle = Infinity;
  await time.until(drain.drain());
  assertEquals(sent.length, 2);
  assertEquals(new Set(problems().map(({ event }) => event)), new Set(["settle_failed"]));
  assertEquals(
    problems().flatMap(({ attempt_ids }) => attempt_ids),
    queue.rows.flatMap(({ inFlight }) => inFlight ?? []),
  );
});

Deno.test("drain() does not claim in a loop what other workers keep it from", async () => {
  const { drain, time, queue } = createEngine();
  queue.add("mentor-1");
  queue.ofOthers = 50;
  await time.until(drain.drain());
  assertEquals(queue.calls.length < 60, true, `${queue.calls.length} calls`);
});

Deno.test("drain() without a place goes on soon after another worker has given one back", async () => {
  const { drain, time, queue, sent } = createEngine();
  queue.add("mentor-1");
  queue.ofOthers = 50;
  const done = drain.drain();
  await time.pass(1);
  assertEquals(sent.length, 0);
  queue.ofOthers = 49;
  await time.pass(1);
  assertEquals(sent.length, 1);
  await time.until(done);
});

Deno.test("drain() is bounded by its time", async () => {
  const { drain, time, queue } = createEngine({
    settings: { concurrency: 1, timeBudgetSeconds: 10 },
    latency: 1,
  });
  ids(50).forEach((id) => queue.add(id));
  const start = time.monotonic();
  await time.until(drain.drain());
  assertEquals(Math.floor((time.monotonic() - start) / 1000), 10);
  assertEquals(queue.rows.every((row) => row.inFlight === null), true);
});

Deno.test("drain() an audit insert that never resolves delays nothing", async () => {
  const { drain, time, queue, deps } = createEngine({
    insert: () => Promise.withResolvers<never>().promise,
  });
  ids(10).forEach((id) => queue.add(id));
  const start = time.monotonic();
  await time.until(drain.drain());
  assertEquals(queue.settled.length, 10);
  assertEquals(time.monotonic() - start < 200, true);
  let isIdle = false;
  void deps.audit.idle().then(() => isIdle = true);
  await flushPromises();
  assertEquals(isIdle, false);
});

Deno.test("drain() an audit insert that fails changes nothing but one line", async () => {
  const { drain, time, queue, problems } = createEngine({
    insert: () => Promise.reject(new Error("down")),
  });
  queue.add("mentor-1");
  await time.until(drain.drain());
  assertEquals(queue.settled.map(({ decision }) => decision.outcome), ["success"]);
  assertEquals(problems(), [{
    level: "error",
    event: "audit_insert_failed",
    code: "network",
    attempt_ids: ["0195a1b2-0000-7000-8000-000000000001"],
  }]);
});

Deno.test("drain() says at the end what it did", async () => {
  const { drain, time, queue, entries } = createEngine({
    patch: (request) =>
      mentorOf(request) === "mentor-1" ? status(403) : new Response(null, { status: 204 }),
  });
  ids(3).forEach((id) => queue.add(id));
  queue.lastRefusals.add("mentor-1");
  await time.until(drain.drain());
  const [entry] = entries;
  assertEquals({ ...entry, seconds: 0 }, {
    level: "info",
    event: "drain_finished",
    attempts: 3,
    succeeded: 2,
    dead_lettered: 1,
    seconds: 0,
  });
  queue.add("mentor-4");
  await time.until(drain.drain());
  const last = entries.at(-1);
  assertEquals(last?.event === "drain_finished" && last.attempts, 1, "only what is new since");
});
