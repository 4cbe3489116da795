import { assertEquals } from "@std/assert";
import { DatabaseError } from "../_shared/errors.ts";
import {
  addRestores,
  createEngine,
  type EngineOptions,
  fakeTokens,
  ids,
  mentorOf,
  status,
  SUCCESS,
} from "./engine_fakes.ts";

// What a drainer that claims ahead has to withstand.

Deno.test("drain() beside others' attempts goes on as its own are answered, and sees an urgent remove", async () => {
  for (const [latency, claimAhead] of [[0.05, 0.003], [0.3, 0.005], [1, 0.01]] as const) {
    const { drain, time, queue, sent } = createEngine({ latency });
    queue.latency = { claimAhead, settle: 0.006 };
    queue.ofOthers = 10;
    addRestores(queue, 3000);
    const done = drain.drain();
    await time.pass(1 + latency);
    const before = sent.length;
    await time.pass(3);
    const share = (sent.length - before) / 3 / (40 / latency);
    assertEquals(share > 0.5, true, `${latency} s: ${share}`);
    queue.add("urgent");
    await time.pass(0.02 + latency / 6);
    assertEquals(sent.some((request) => mentorOf(request) === "urgent"), true, `${latency} s`);
    drain.stop();
    await time.until(done);
  }
});

Deno.test("drain() leaves room for an urgent remove, although the database does not know many answers yet", async () => {
  const { drain, time, queue, sent } = createEngine({ latency: 0.02 });
  queue.latency = { claimAhead: 0.004, settle: 0.04 };
  addRestores(queue, 6000);
  const done = drain.drain();
  for (let n = 0; n < 40; n++) {
    await time.pass(0.023);
    queue.add(`urgent-${n}`);
    void drain.drain();
    await time.pass(0.009);
    assertEquals(sent.some((request) => mentorOf(request) === `urgent-${n}`), true, `${n}`);
  }
  drain.stop();
  await time.until(done);
});

Deno.test("drain() asks less often while Dynamics lets it wait, also for the first answer", async () => {
  const { drain, time, queue } = createEngine({
    latency: 25,
    settings: { requestTimeoutSeconds: 30 },
  });
  queue.latency.claimAhead = 0.005;
  addRestores(queue, 500);
  const done = drain.drain();
  await time.pass(24);
  assertEquals(queue.claims.length < 100, true, `${queue.claims.length} claims`);
  drain.stop();
  await time.until(done);
});

Deno.test("drain() asks less often while answers take long, although one comes after the other", async () => {
  const { drain, time, queue, sent, deps } = createEngine({
    latency: 2,
    patch: async (_request, count) => {
      // At first all are sent at once; from here on their answers come one by one.
      if (count <= 50) await deps.sleep(count * 0.04);
      return new Response(null, { status: 204 });
    },
  });
  queue.latency.claimAhead = 0.005;
  addRestores(queue, 3000);
  const done = drain.drain();
  await time.pass(6);
  const [sentBefore, callsBefore] = [sent.length, queue.claims.length];
  await time.pass(10);
  assertEquals(sent.length - sentBefore > 150, true, `${sent.length - sentBefore} sent`);
  const claims = queue.claims.length - callsBefore;
  assertEquals(claims < 60, true, `${claims} claims`);
  drain.stop();
  await time.until(done);
});

Deno.test("drain() asks no less often for one request that hangs while others are answered", async () => {
  const { drain, time, queue, sent, deps } = createEngine({
    latency: 0.05,
    settings: { requestTimeoutSeconds: 30 },
    patch: async (_request, count) => {
      if (count === 1) await deps.sleep(25);
      return new Response(null, { status: 204 });
    },
  });
  queue.latency.claimAhead = 0.005;
  addRestores(queue, 6000);
  const done = drain.drain();
  await time.pass(4);
  const before = sent.length;
  await time.pass(1);
  const share = (sent.length - before) / (45 / 0.05);
  assertEquals(share > 0.9, true, `${share}`);
  for (let n = 0; n < 8; n++) {
    queue.add(`urgent-${n}`);
    await time.pass(0.037);
    assertEquals(sent.some((request) => mentorOf(request) === `urgent-${n}`), true, `${n}`);
  }
  drain.stop();
  await time.until(done);
});

Deno.test("drain() does not claim without a pause what it gets one by one", async () => {
  const { drain, time, queue } = createEngine({ latency: 1 });
  queue.latency.claimAhead = 0.001;
  const claimAhead = queue.claimAhead.bind(queue);
  queue.claimAhead = (options) =>
    claimAhead({ ...options, batchSize: Math.min(options.batchSize, 1), moreRemoves: 0 });
  addRestores(queue, 500);
  const done = drain.drain();
  await time.pass(0.2);
  assertEquals(queue.claims.length <= 20, true, `${queue.claims.length} claims`);
  drain.stop();
  await time.until(done);
});

Deno.test("drain() sends no more at a time than other workers leave", async () => {
  const { drain, time, queue, inFlight } = createEngine({ latency: 0.02 });
  queue.ofOthers = 38;
  ids(100).forEach((id) => queue.add(id));
  await time.until(drain.drain());
  assertEquals([inFlight.most, queue.settled.length], [12, 100]);
});

Deno.test("drain() hands back what has waited for too long to be sent, and claims it anew", async () => {
  let isSlow = true;
  const { drain, time, queue, sent, deps } = createEngine({
    settings: { concurrency: 2, requestTimeoutSeconds: 30, timeBudgetSeconds: 300 },
    latency: 0,
    patch: async () => {
      if (isSlow) await deps.sleep(25);
      return new Response(null, { status: 204 });
    },
  });
  ids(4).forEach((id) => queue.add(id));
  // Answers came fast so far, so a few are claimed ahead; then they take far longer.
  isSlow = false;
  await time.until(drain.drain());
  isSlow = true;
  ids(6).forEach((id) => queue.add(`later-${id}`));
  const done = drain.drain();
  await time.pass(12);
  const underWay = queue.rows.filter(({ inFlight }) => inFlight !== null).length;
  assertEquals([underWay, sent.length], [2, 6]);
  isSlow = false;
  await time.until(done);
  assertEquals(
    queue.rows.every(({ attempts, inFlight }) => attempts <= 1 && inFlight === null),
    true,
  );
  assertEquals(sent.length, 10);
});

Deno.test("drain() keeps its lease for as long as there is a backlog, however slow Dynamics is", async () => {
  const { drain, time, queue } = createEngine({
    latency: 25,
    settings: { requestTimeoutSeconds: 30, timeBudgetSeconds: 200 },
  });
  addRestores(queue, 200);
  const done = drain.drain();
  for (let second = 0; second < 20; second++) {
    const before = queue.calls.length;
    await time.pass(1);
    assertEquals([queue.drainer === null, queue.calls.length > before], [false, true]);
  }
  await time.until(done);
});

Deno.test("drain() that finds another drainer looks again when that one's lease is over", async () => {
  const { drain, time, queue, sent } = createEngine();
  queue.add("mentor-1");
  queue.elsewhereUntil = time.monotonic() + 9000;
  const done = drain.drain();
  await time.pass(8);
  assertEquals([sent.length, queue.calls], [0, ["claimAhead"]]);
  await time.pass(2);
  assertEquals(sent.length, 1);
  await time.until(done);
});

Deno.test("drain() leaves no lease behind, however it ends", async () => {
  const ends: Record<string, EngineOptions & { readonly break?: "settle" | "closeGate" }> = {
    "time is up": { settings: { timeBudgetSeconds: 3 }, latency: 1 },
    "enough was claimed": { mostClaims: 20, latency: 1 },
    "credentials rejected by Dynamics": { patch: () => status(401) },
    "the token is rejected later": {
      tokens: fakeTokens({ kind: "token", token: "t" }, { kind: "rejected", aadsts: [] }),
    },
    "results cannot be settled": { break: "settle" },
  };
  for (const [how, options] of Object.entries(ends)) {
    const { drain, time, queue, sent, audited } = createEngine(options);
    addRestores(queue, 400);
    if (options.break !== undefined) queue.faults[options.break] = Infinity;
    const done = drain.drain();
    await time.until(done);
    assertEquals(queue.drainer, null, how);
    // Whatever was claimed and not sent is due again, and counts for nobody.
    const told = new Set([...sent.map(mentorOf), ...audited.map((row) => row.mentor_id)]);
    const others = queue.rows.filter(({ mentorId }) => !told.has(mentorId));
    assertEquals(others.length > 0, true, how);
    assertEquals(
      others.every(({ inFlight, attempts }) => inFlight === null && attempts === 0),
      true,
      how,
    );
  }
});

Deno.test("drain() called while results cannot be told goes on once they have been given up", async () => {
  const { drain, time, queue } = createEngine();
  queue.add("mentor-1");
  queue.faults.settle = 8;
  const done = drain.drain();
  await time.pass(10);
  queue.add("mentor-2");
  void drain.drain();
  await time.until(done);
  assertEquals(queue.settled.length, 1, "mentor-1 is left to its lease");
  assertEquals(queue.rows[1]?.inFlight, null);
});

Deno.test("drain() called while it only waits for its last answers does not wait for them", async () => {
  const { drain, time, queue, inFlight } = createEngine({
    latency: 20,
    settings: { timeBudgetSeconds: 3 },
  });
  queue.add("mentor-1");
  const done = drain.drain();
  await time.pass(5);
  queue.add("mentor-2");
  void drain.drain();
  await time.pass(1);
  assertEquals(inFlight.now, 2);
  await time.until(done);
  assertEquals([queue.settled.length, queue.drainer], [2, null]);
});

Deno.test("drain() lets the next drainer begin while it waits for its last answers", async () => {
  const { drain, time, queue } = createEngine({ latency: 5, settings: { timeBudgetSeconds: 3 } });
  addRestores(queue, 200);
  const done = drain.drain();
  await time.pass(2.9);
  assertEquals(queue.drainer === null, false);
  await time.pass(0.2);
  assertEquals([queue.drainer, queue.settled.length], [null, 0]);
  await time.until(done);
});

Deno.test("drain() goes on although the database takes no result of one attempt", async () => {
  const { drain, time, queue } = createEngine({ latency: 0.3 });
  addRestores(queue, 500);
  const settle = queue.settle.bind(queue);
  let refused: string | undefined;
  queue.settle = (settlements) => {
    refused ??= settlements.at(-1)?.attemptId;
    if (!settlements.some(({ attemptId }) => attemptId === refused)) return settle(settlements);
    throw new DatabaseError("settle_hlf_sync_attempts", "23514", 400);
  };
  await time.until(drain.drain());
  assertEquals(queue.settled.length, 499);
});

Deno.test("drain() sends nothing that is ready once it is told that the gate is closed", async () => {
  const { drain, time, queue, sent } = createEngine({ latency: 5 });
  addRestores(queue, 100);
  const done = drain.drain();
  await time.pass(1);
  const sentBefore = sent.length;
  queue.gate = { until: time.monotonic() + 60_000, reason: "throttled" };
  await time.pass(20);
  assertEquals([sent.length, queue.handedBack.length > 0], [sentBefore, true]);
  await time.until(done);
  assertEquals(sent.length, 100);
});

Deno.test("drain() has no more answers that the database does not know than it may have attempts", async () => {
  const { drain, time, queue, sent } = createEngine({ latency: 0.02 });
  queue.latency.settle = 9;
  addRestores(queue, 3000);
  const done = drain.drain();
  await time.pass(8);
  assertEquals(sent.length <= 200, true, `${sent.length} sent`);
  drain.stop();
  await time.until(done);
  assertEquals(queue.settled.length, sent.length);
});

Deno.test("drain() goes on soon after a result of somebody else could be told", async () => {
  const { drain, time, queue, sent, deps } = createEngine();
  queue.faults.settle = 5;
  const press = deps.settler.settle({
    attemptId: "press",
    operation: "restore",
    decision: SUCCESS,
  });
  await time.pass(1);
  queue.add("urgent");
  const done = drain.drain();
  await time.until(press);
  await time.pass(1.5);
  assertEquals(sent.length, 1);
  await time.until(done);
});

Deno.test("drain() sends what is ready soon after a result of somebody else could be told", async () => {
  const { drain, time, queue, sent, deps } = createEngine({ latency: 0.5 });
  const settle = queue.settle.bind(queue);
  let faults = 3;
  queue.settle = (settlements) => {
    const isPress = settlements.some(({ attemptId }) => attemptId === "press");
    if (isPress && faults-- > 0) throw new DatabaseError("settle", "network", 0);
    return settle(settlements);
  };
  addRestores(queue, 50);
  const done = drain.drain();
  await time.pass(0.3);
  assertEquals(sent.length, 46);
  await time.until(
    deps.settler.settle({ attemptId: "press", operation: "remove", decision: SUCCESS }),
  );
  await time.pass(1.5);
  assertEquals([sent.length, queue.handedBack.length], [50, 0]);
  await time.until(done);
});

Deno.test("drain() sends urgent removes although the database takes no settlement of restores", async () => {
  const { drain, time, queue, deps } = createEngine();
  addRestores(queue, 300);
  const settle = queue.settle.bind(queue);
  queue.settle = (settlements) =>
    settlements.some(({ operation }) => operation === "restore")
      ? Promise.reject(new DatabaseError("settle_hlf_sync_attempts", "57014", 500))
      : settle(settlements);
  const done = drain.drain();
  await time.pass(1);
  assertEquals(deps.settler.isStuck("restore"), true);
  for (let n = 0; n < 6; n++) queue.add(`urgent ${n}`);
  void drain.drain();
  await time.pass(3);
  assertEquals(queue.settled.map(({ operation }) => operation), Array(6).fill("remove"));
  drain.stop();
  await time.until(done);
});

Deno.test("drain() has whom a lost claim took undone by its next, and does not leave them to a lease", async () => {
  const { drain, time, queue, audited } = createEngine();
  addRestores(queue, 60);
  queue.add("urgent");
  const claimAhead = queue.claimAhead.bind(queue);
  let claims = 0;
  queue.claimAhead = async (options) => {
    const claim = await claimAhead(options);
    if (++claims < 3) throw new DatabaseError("claim_hlf_sync_ahead", "network", 0);
    return claim;
  };
  const done = drain.drain();
  await time.pass(5);
  assertEquals(queue.rows.filter(({ inFlight, dueAt }) => inFlight !== null || dueAt !== null), []);
  assertEquals([queue.settled.length, audited[0]?.mentor_id], [61, "urgent"]);
  assertEquals(audited.filter(({ retry_count }) => retry_count !== 0), []);
  await time.until(done);
});

Deno.test("drain() leaves no lease behind although the answer to its claim was lost", async () => {
  const { drain, time, queue } = createEngine();
  addRestores(queue, 300);
  const claimAhead = queue.claimAhead.bind(queue);
  queue.claimAhead = async (options) => {
    await claimAhead(options);
    throw new DatabaseError("claim_hlf_sync_ahead", "network", 0);
  };
  const done = drain.drain();
  await time.pass(0.1);
  assertEquals(queue.drainer === null, false);
  drain.stop();
  await time.until(done);
  assertEquals(queue.drainer, null);
});

Deno.test("drain() claims a few at a time in a backlog, and does not starve itself", async () => {
  for (const claimSeconds of [0.005, 0.025]) {
    const { drain, time, queue, inFlight } = createEngine({ latency: 0.02 });
    queue.latency.claimAhead = claimSeconds;
    addRestores(queue, 2500);
    await time.until(drain.drain());
    const [first, ...others] = queue.claims;
    assertEquals([inFlight.most, first, Math.max(...others)], [46, 50, 20]);
    assertEquals(others.length <= 2500 / 16, true, `${claimSeconds} s: ${queue.claims}`);
  }
});

Deno.test("drain() claims as many removes as are sent until the next claim", async () => {
  const { drain, time, queue, inFlight } = createEngine({ latency: 0.02 });
  queue.latency.claimAhead = 0.025;
  ids(2500).forEach((id) => queue.add(id));
  const start = time.monotonic();
  await time.until(drain.drain());
  const seconds = (time.monotonic() - start) / 1000;
  // In claims of twenty it would be a quarter.
  const share = 2500 / 50 * 0.02 / seconds;
  assertEquals([inFlight.most, share > 0.75], [50, true], `${share}: ${queue.claims}`);
});

Deno.test("drain() asks for no more than the database hands out, whatever is not settled yet", async () => {
  const { drain, time, queue } = createEngine({ latency: 0.02 });
  queue.latency = { claimAhead: 0.025, settle: 0.06 };
  ids(2500).forEach((id) => queue.add(id));
  await time.until(drain.drain());
  assertEquals(queue.claims.slice(0, -1).filter((count) => count === 0), []);
});

Deno.test("drain() claims no more restores than it has places when the budget was spent at first", async () => {
  const { drain, time, queue } = createEngine({ latency: 0.02 });
  queue.latency.claimAhead = 0.025;
  queue.add("earlier", { operation: "restore" });
  await time.until(drain.drain());
  addRestores(queue, 500);
  const claimAhead = queue.claimAhead.bind(queue);
  const sizes: number[] = [];
  queue.claimAhead = async (options) => {
    const answer = await claimAhead(sizes.length === 0 ? { ...options, batchSize: 0 } : options);
    sizes.push(options.batchSize);
    return sizes.length === 1 ? { ...answer, seconds: 1 } : answer;
  };
  await time.until(drain.drain());
  assertEquals([sizes[0], Math.max(...sizes)], [50, 50]);
});

Deno.test("drain() sends restores, too, while one remove follows another", async () => {
  for (const isNudged of [true, false]) {
    const { drain, time, queue, sent } = createEngine({ latency: 0.3 });
    queue.latency.claimAhead = 0.025;
    addRestores(queue, 1500);
    const done = drain.drain();
    for (let n = 0; n < 160; n++) {
      queue.add(`remove-${n}`);
      if (isNudged) void drain.drain();
      await time.pass(0.06);
    }
    const restores = sent.length -
      queue.rows.filter(({ operation, attempts }) => operation === "remove" && attempts > 0).length;
    // Of 46 places for ten seconds, 0.3 s each.
    assertEquals(restores > 46 / 0.3 * 10 / 2, true, `${restores} restores`);
    drain.stop();
    await time.until(done);
  }
});

Deno.test("drain() keeps all places busy while claims are quicker than they are freed", async () => {
  for (const [latency, claimSeconds] of [[0.3, 0.025], [0.02, 0.005]] as const) {
    const { drain, time, queue } = createEngine({ latency });
    queue.latency.claimAhead = claimSeconds;
    addRestores(queue, 2300);
    const start = time.monotonic();
    await time.until(drain.drain());
    const seconds = (time.monotonic() - start) / 1000;
    // Of fifty places four are kept for removes.
    const share = 2300 / 46 * latency / seconds;
    assertEquals(share > 0.94, true, `${latency} s: ${share}`);
  }
});

Deno.test("drain() has no more ready than is sent within half a second while Dynamics is slow", async () => {
  for (const latency of [2, 20]) {
    const { drain, time, queue, sent } = createEngine({
      latency,
      settings: { requestTimeoutSeconds: 30 },
    });
    addRestores(queue, 500);
    const done = drain.drain();
    // Also right after fifty answers that came at one moment.
    for (const seconds of [1, latency, 0.03, 0.5]) {
      await time.pass(seconds);
      const claimed = queue.rows.filter(({ attempts }) => attempts > 0).length;
      assertEquals(claimed - sent.length <= 15, true, `${claimed - sent.length} ready`);
    }
    drain.stop();
    await time.until(done);
  }
});

Deno.test("drain() sends an urgent remove within two claims, nudged or not, past everything that is ready", async () => {
  for (const isNudged of [true, false]) {
    for (const latency of [0.02, 0.3, 2]) {
      const { drain, time, queue, sent } = createEngine({ latency });
      queue.latency.claimAhead = 0.02;
      addRestores(queue, 4000);
      const done = drain.drain();
      for (let urgent = 0; urgent < 4; urgent++) {
        await time.pass(0.137 * (1 + urgent));
        const mentorId = `urgent-${urgent}`;
        queue.add(mentorId);
        if (isNudged) void drain.drain();
        await time.pass(2 * 0.02 + (isNudged ? 0.001 : Math.max(0.021, latency / 6)));
        assertEquals(sent.some((request) => mentorOf(request) === mentorId), true, mentorId);
      }
      drain.stop();
      await time.until(done);
    }
  }
});

Deno.test("drain() sends and claims no more while results cannot be told", async () => {
  const { drain, time, queue, sent } = createEngine({ latency: 0.02 });
  addRestores(queue, 4000);
  queue.faults.settle = 4;
  const done = drain.drain();
  await time.pass(0.5);
  const soFar = sent.length;
  assertEquals(soFar <= 100, true, `${soFar} sent`);
  await time.pass(0.15);
  assertEquals(sent.length, soFar);
  await time.until(done);
  assertEquals([sent.length, queue.settled.length], [4000, 4000]);
});

Deno.test("drain() goes on although one mentor stays locked", async () => {
  const { drain, time, queue } = createEngine();
  const settleAll = queue.settle.bind(queue);
  queue.settle = async (settlements) => {
    const locked = queue.rows[0]?.inFlight ?? "";
    const answer = await settleAll(settlements.filter(({ attemptId }) => attemptId !== locked));
    const busy = {
      attempt_id: locked,
      result: "busy",
      outcome: null,
      due_in_seconds: null,
    } as const;
    return new Map([...answer, [locked, busy]]);
  };
  ids(3).forEach((id) => queue.add(id));
  const done = drain.drain();
  await time.pass(30);
  queue.add("mentor-4");
  void drain.drain();
  await time.until(done);
  assertEquals(queue.rows.map(({ inFlight }) => inFlight === null), [false, true, true, true]);
});

Deno.test("drain() whose mentor changes while its attempt waits or is under way syncs it once more, soon", async () => {
  const { drain, time, queue, sent, deps } = createEngine({
    patch: async (request) => {
      if (mentorOf(request) === "slow") await deps.sleep(9);
      return new Response(null, { status: 204 });
    },
  });
  queue.add("slow");
  const row = queue.add("mentor-1");
  const done = drain.drain();
  await time.pass(0.05);
  row.dueAt = time.monotonic();
  await time.pass(1);
  assertEquals(sent.map(mentorOf).filter((id) => id === "mentor-1").length, 2);
  await time.until(done);
});

Deno.test("drain() does not ask the queue for each attempt that ends alone", async () => {
  let count = 0;
  const { drain, time, queue, deps } = createEngine({
    patch: async () => {
      await deps.sleep(++count * 0.1);
      return new Response(null, { status: 204 });
    },
  });
  ids(49).forEach((id) => queue.add(id));
  await time.until(drain.drain());
  assertEquals(queue.calls.filter((call) => call === "claimAhead").length, 1);
});
