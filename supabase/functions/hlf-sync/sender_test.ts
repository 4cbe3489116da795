import { assertEquals } from "@std/assert";
import { FakeTime, flushPromises } from "../_shared/fakes.ts";
import type { Decision } from "../_shared/dataverse/decide.ts";
import { SUCCESS } from "./engine_fakes.ts";
import type { ClaimedAttempt } from "./queue.ts";
import { placesForRemoves, Sender } from "./sender.ts";

const READY_SECONDS = 10;

function attempt(attemptId: string, operation: "remove" | "restore" = "restore"): ClaimedAttempt {
  return {
    attemptId,
    mentorId: attemptId,
    organisationId: "o",
    operation,
    retryCount: 0,
    triggeredByEvent: "status_change:paused",
    isLast: false,
  };
}

function setUp(limit: number) {
  const time = new FakeTime();
  const sent: string[] = [];
  const under = new Map<string, PromiseWithResolvers<Decision | null>>();
  const told: string[] = [];
  const places = { limit };
  const sender = new Sender({
    clock: time,
    limit: () => places.limit,
    send: ({ attemptId }) => {
      sent.push(attemptId);
      const answer = Promise.withResolvers<Decision | null>();
      under.set(attemptId, answer);
      return answer.promise;
    },
    answered: ({ attemptId }) => told.push(attemptId),
    interrupted: ({ attemptId }) => told.push(`${attemptId} interrupted`),
    freed: () => told.push("freed"),
  });
  const add = (...attempts: ClaimedAttempt[]) =>
    sender.add(attempts, time.monotonic() + 60_000, time.monotonic() + READY_SECONDS * 1000);
  const answer = async (attemptId: string, decision: Decision | null = SUCCESS) => {
    under.get(attemptId)?.resolve(decision);
    await flushPromises();
  };
  return { time, sender, sent, told, under, places, add, answer };
}

const restores = (count: number) => Array.from({ length: count }, (_, i) => attempt(`r${i}`));

Deno.test("Sender sends removes first, whenever they were claimed", async () => {
  const { add, sent, answer } = setUp(2);
  add(attempt("a"), attempt("b"), attempt("c"), attempt("d"));
  add(attempt("x", "remove"), attempt("y", "remove"));
  await answer("a");
  await answer("b");
  await answer("x");
  assertEquals(sent, ["a", "b", "x", "y", "c"]);
});

Deno.test("Sender keeps a few places from restores, so that an urgent remove goes out at once", () => {
  const { add, sent, sender } = setUp(50);
  add(...restores(80));
  assertEquals([placesForRemoves(50), sent.length, sender.ready()], [4, 46, 34]);
  add(attempt("urgent", "remove"));
  assertEquals(sent.at(-1), "urgent");
});

Deno.test("Sender never has more in flight than it may, whatever it may becomes", async () => {
  const { add, sent, sender, places, answer } = setUp(3);
  add(...restores(9));
  places.limit = 1;
  for (const id of ["r0", "r1"]) await answer(id);
  assertEquals([sent.length, sender.inFlight], [3, 1]);
  await answer("r2");
  assertEquals([sent.length, sender.inFlight], [4, 1]);
  places.limit = 0;
  await answer("r3");
  assertEquals([sent.length, sender.inFlight, sender.ready()], [4, 0, 5]);
  places.limit = 2;
  sender.sendReady();
  assertEquals(sender.inFlight, 2);
});

Deno.test("Sender does not send what has been ready for too long, as another may be the drainer by then", async () => {
  const { time, add, sent, sender, answer } = setUp(1);
  add(attempt("a"), attempt("b"), attempt("c"));
  time.advance(READY_SECONDS - 1);
  add(attempt("d"));
  assertEquals(sender.takeBack({ all: false }), []);
  assertEquals(sender.staleAt - time.monotonic(), 1000);
  time.advance(1);
  await answer("a");
  assertEquals(sent, ["a", "d"]);
  assertEquals(sender.takeBack({ all: false }).map(({ attemptId }) => attemptId), ["b", "c"]);
  assertEquals(sender.takeBack({ all: true }), []);
});

Deno.test("Sender gives back what its lease left no time for, and not what was interrupted", async () => {
  const { add, sender, under, told, answer } = setUp(3);
  add(attempt("a"), attempt("b"), attempt("c"));
  await answer("a", null);
  under.get("b")?.reject(new Error("nobody expected it"));
  await flushPromises();
  assertEquals(sender.takeBack({ all: false }).map(({ attemptId }) => attemptId), ["a"]);
  assertEquals(told.filter((line) => line !== "freed"), ["b interrupted"]);
  assertEquals(sender.inFlight, 1);
});

Deno.test("Sender measures answers of late without being fooled by a burst", async () => {
  const { time, add, sender, answer } = setUp(50);
  assertEquals(sender.answerSeconds, null);
  add(...Array.from({ length: 50 }, (_, i) => attempt(`x${i}`, "remove")));
  time.advance(2);
  // Fifty answers at one moment, each of which took two seconds.
  for (let i = 0; i < 50; i++) await answer(`x${i}`);
  assertEquals(sender.answerSeconds, 2);
});

Deno.test("Sender follows answers that take longer, and is silent only while it waits for one", async () => {
  const { time, add, sender, answer } = setUp(1);
  const one = async (id: string, seconds: number) => {
    add(attempt(id));
    time.advance(seconds);
    await answer(id);
  };
  await one("first", 1);
  time.advance(60);
  assertEquals(sender.silentSeconds, 0);
  await one("slower", 21);
  assertEquals(sender.answerSeconds, 2);
  for (let i = 0; i < 100; i++) await one(`x${i}`, 4);
  assertEquals(Math.round((sender.answerSeconds ?? 0) * 10) / 10, 4);
  add(attempt("silent"));
  time.advance(7);
  assertEquals(sender.silentSeconds, 7);
});

Deno.test("Sender tells when a request has ended and nothing is ready any more, however it ended", async () => {
  const { add, under, told, answer } = setUp(1);
  add(attempt("a"), attempt("b"), attempt("c"), attempt("d"));
  await answer("a");
  await answer("b", null);
  under.get("c")?.reject(new Error("nobody expected it"));
  await flushPromises();
  assertEquals(told, ["a", "c interrupted", "freed"]);
  under.get("d")?.reject(new Error("nobody expected it"));
  await flushPromises();
  assertEquals(told.slice(3), ["d interrupted", "freed"]);
});
