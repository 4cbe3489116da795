import { assertEquals } from "@std/assert";
import { DatabaseError } from "../_shared/errors.ts";
import { addRestores, createEngine, type EngineOptions, ids, mentorOf } from "./engine_fakes.ts";

// How a drain leaves room for the end of its isolate, and what the end leaves behind.

/** A drain in the middle of a backlog of restores. */
async function startInBacklog(
  { seconds, restores = 300, ...options }: EngineOptions & {
    readonly seconds: number;
    readonly restores?: number;
  },
) {
  const engine = createEngine(options);
  addRestores(engine.queue, restores);
  const done = engine.drain.drain();
  await engine.time.pass(seconds);
  return { ...engine, done };
}

/** What claims cost an isolate: one that brings nothing has nothing to follow. */
const weigh = (claims: readonly number[]) =>
  claims.reduce((sum, count) => sum + (count > 0 ? 1 : 0.25), 0);

Deno.test("drain() stops before its isolate ends: nothing more is claimed, what is ready is handed back", async () => {
  const { drain, time, queue, sent, done } = await startInBacklog({
    latency: 0.3,
    seconds: 0.5,
    restores: 3000,
  });
  drain.stop();
  await time.until(done);
  assertEquals([queue.settled.length, queue.drainer], [sent.length, null]);
  assertEquals(queue.handedBack.length > 0 && sent.length < 3000, true);
  assertEquals(queue.rows.every(({ inFlight }) => inFlight === null), true);
});

Deno.test("drain() sends nothing that a claim under way still brings while its isolate ends", async () => {
  const { drain, time, queue, sent } = createEngine({ latency: 0.3 });
  queue.latency.claimAhead = 0.5;
  addRestores(queue, 300);
  const done = drain.drain();
  await time.pass(0.2);
  drain.stop();
  await time.until(done);
  assertEquals([sent.length, queue.handedBack.length, queue.drainer], [0, 50, null]);
  assertEquals(queue.rows.every(({ inFlight }) => inFlight === null), true);
});

Deno.test("drain() is not begun anew in an isolate that ends, whoever asks", async () => {
  const { drain, time, queue, sent, done } = await startInBacklog({ latency: 0.3, seconds: 0.05 });
  drain.stop();
  const [sentBefore, claimsBefore] = [sent.length, queue.claims.length];
  await time.until(Promise.all([done, drain.drain()]));
  await time.until(drain.drain());
  assertEquals([sent.length, queue.claims.length], [sentBefore, claimsBefore]);
  assertEquals(queue.rows.every(({ inFlight }) => inFlight === null), true);
});

Deno.test("drain() that was asked to look again just before its isolate ends does not", async () => {
  const { drain, time, queue, sent, done } = await startInBacklog({ latency: 0.3, seconds: 0.05 });
  void drain.drain();
  drain.stop();
  const [sentBefore, claimsBefore] = [sent.length, queue.claims.length];
  await time.until(done);
  assertEquals([sent.length, queue.claims.length], [sentBefore, claimsBefore]);
});

Deno.test("drain() hands back at once when its isolate ends, although no answer comes", async () => {
  const { drain, time, queue, sent } = createEngine({ latency: 9 });
  ids(54).forEach((id) => queue.add(id));
  const done = drain.drain();
  await time.pass(1);
  const countOpen = () => queue.rows.filter(({ inFlight }) => inFlight !== null).length;
  assertEquals([sent.length, countOpen()], [50, 54]);
  drain.stop();
  await time.pass(0.05);
  assertEquals([countOpen(), queue.settled.length], [50, 0]);
  await time.until(done);
});

Deno.test("drain() goes on in an isolate that was short of memory once", async () => {
  const { drain, time, queue, sent, done } = await startInBacklog({ latency: 0.3, seconds: 0.5 });
  drain.stop({ forGood: false });
  await time.until(done);
  const sentBefore = sent.length;
  assertEquals([sentBefore < 300, queue.drainer], [true, null]);
  assertEquals(queue.rows.every(({ inFlight }) => inFlight === null), true);
  await time.until(drain.drain());
  assertEquals(sent.length, 300);
});

Deno.test("drain() leaves to others what its isolate has no processor time for, however often it is asked", async () => {
  const { drain, time, queue, sent } = createEngine({ mostClaims: 60 });
  addRestores(queue, 3000);
  const claims: number[] = [];
  for (let asked = 0; asked < 4; asked++) {
    const before = queue.claims.length;
    await time.until(drain.drain());
    claims.push(Math.floor(weigh(queue.claims.slice(before))));
  }
  // Whoever is still asked was not retired, and goes on by little.
  assertEquals(claims, [60, 30, 30, 30]);
  assertEquals([queue.settled.length, queue.drainer, sent.length < 3000], [
    sent.length,
    null,
    true,
  ]);
});

Deno.test("drain() that was asked for one at a time has less time left for a backlog", async () => {
  const { drain, time, queue } = createEngine({ mostClaims: 60 });
  for (let n = 0; n < 20; n++) {
    queue.add(`single-${n}`);
    await time.until(drain.drain());
  }
  const before = queue.claims.length;
  addRestores(queue, 3000);
  await time.until(drain.drain());
  assertEquals(Math.floor(weigh(queue.claims.slice(before))), 40);
});

Deno.test("drain() of an isolate that has worked enough still sends hundreds of removes when it is asked", async () => {
  const { drain, time, queue, sent } = createEngine({ mostClaims: 60 });
  addRestores(queue, 3000);
  await time.until(drain.drain());
  ids(300).forEach((id) => queue.add(`urgent-${id}`));
  await time.until(drain.drain());
  assertEquals(sent.filter((request) => mentorOf(request).startsWith("urgent")).length, 300);
});

Deno.test("drain() forgets nobody who asked during its last claim", async () => {
  const { drain, time, queue, sent } = createEngine({ mostClaims: 30 });
  addRestores(queue, 600);
  const claimAhead = queue.claimAhead.bind(queue);
  queue.claimAhead = async (options) => {
    const claim = await claimAhead(options);
    // It is committed, and on its way.
    await time.sleep(0.02);
    return claim;
  };
  const done = drain.drain();
  while (queue.claims.length < 30) await time.pass(0.001);
  queue.add("urgent");
  void drain.drain();
  await time.until(done);
  assertEquals(sent.some((request) => mentorOf(request) === "urgent"), true);
});

Deno.test("drain() ends without a pause when it has nothing to hand back but a lease, and the database is away", async () => {
  const { drain, time, queue } = createEngine();
  queue.faults = { claimAhead: Infinity, handBack: Infinity };
  const done = drain.drain();
  await time.pass(3);
  const start = time.monotonic();
  drain.stop();
  await time.until(done);
  assertEquals(time.monotonic() - start < 100, true);
});

Deno.test("drain() hands back once more what could not be handed back at first", async () => {
  const { drain, time, queue, sent, problems } = createEngine({ latency: 0.3 });
  addRestores(queue, 3000);
  queue.faults.handBack = 2;
  const done = drain.drain();
  await time.pass(0.5);
  drain.stop();
  await time.until(done);
  assertEquals(queue.handedBack.length > 0 && sent.length < 3000, true);
  assertEquals(queue.rows.every(({ inFlight }) => inFlight === null), true);
  assertEquals([queue.drainer, problems()], [null, []]);
});

Deno.test("drain() hands back what could not be sent although REST is away for longer than a mentor is locked", async () => {
  const { drain, time, queue, problems } = createEngine({ latency: 0.3 });
  addRestores(queue, 3000);
  const handBack = queue.handBack.bind(queue);
  const done = drain.drain();
  await time.pass(0.5);
  const isBackAt = time.monotonic() + 14_000;
  queue.handBack = (worker, ids) =>
    time.monotonic() < isBackAt
      ? Promise.reject(new DatabaseError("hand_back_hlf_sync_attempts", "PGRST002", 503))
      : handBack(worker, ids);
  drain.stop();
  await time.until(done);
  assertEquals(queue.rows.every(({ inFlight }) => inFlight === null), true);
  assertEquals([queue.handedBack.length > 0, problems()], [true, []]);
});

Deno.test("drain() hands back, after a pause each, one attempt alone whose mentor is locked at first", async () => {
  const { drain, time, queue, problems } = createEngine({ latency: 9 });
  ids(51).forEach((id) => queue.add(id));
  const handBack = queue.handBack.bind(queue);
  const moments: number[] = [];
  queue.handBack = async (worker, attemptIds) => {
    moments.push(time.monotonic());
    return moments.length < 3 ? [...attemptIds] : await handBack(worker, attemptIds);
  };
  const done = drain.drain();
  await time.pass(1);
  drain.stop();
  await time.pass(5);
  assertEquals(queue.handedBack, ["mentor-51"]);
  const waits = moments.slice(1).map((at, index) => at - (moments[index] ?? NaN));
  assertEquals([waits.length, waits.every((wait) => wait >= 100)], [2, true], `${waits}`);
  await time.until(done);
  assertEquals(problems(), []);
});

Deno.test("drain() names what it could not hand back, and leaves it to its lease", async () => {
  const { drain, time, queue, problems } = createEngine({ latency: 9 });
  ids(52).forEach((id) => queue.add(id));
  const handBack = queue.handBack.bind(queue);
  const lockedAttempt = () => queue.rows[51]?.inFlight ?? "";
  queue.handBack = async (worker, attemptIds) => {
    const locked = lockedAttempt();
    await handBack(worker, attemptIds.filter((id) => id !== locked));
    return attemptIds.filter((id) => id === locked);
  };
  const done = drain.drain();
  await time.pass(1);
  drain.stop();
  await time.until(done);
  assertEquals([queue.handedBack, lockedAttempt() === ""], [["mentor-51"], false]);
  assertEquals(problems(), [
    { level: "warning", event: "attempt_not_sent", attempt_ids: [lockedAttempt()] },
  ]);
});

Deno.test("drain() has not ended before it has handed back what its lease left no time for meanwhile", async () => {
  let asked = 0;
  const get = async () => {
    // Whoever claims has one at once; then Entra takes nearly as long as the lease lasts.
    if (++asked > 1) await deps.sleep(55);
    return { kind: "token", token: "t" } as const;
  };
  const { drain, time, queue, sent, deps } = createEngine({ tokens: { get, renew: get } });
  queue.add("mentor-1");
  const done = drain.drain();
  await time.pass(1);
  drain.stop();
  await time.until(done);
  assertEquals([sent.length, queue.handedBack], [0, ["mentor-1"]]);
  assertEquals([queue.rows[0]?.attempts, queue.rows[0]?.inFlight], [0, null]);
});
