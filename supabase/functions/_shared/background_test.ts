import { assertEquals } from "@std/assert";
import { createBackground, insideEdgeRuntime, systemNextTurn } from "./background.ts";
import { fakeLog, flushPromises } from "./fakes.ts";

const world = globalThis as { EdgeRuntime?: unknown };

Deno.test("createBackground() in a plain process runs the work and logs a rejection", async () => {
  const { log, entries } = fakeLog();
  let isDone = false;
  const run = createBackground(log, () => Promise.resolve());
  assertEquals(insideEdgeRuntime(), false);
  run(() => Promise.resolve(isDone = true));
  run(() => Promise.reject(new TypeError("Kari Nordmann")));
  await flushPromises();
  run(() => {
    throw "not even an error";
  });
  await flushPromises();
  assertEquals(isDone, true);
  assertEquals(entries, [
    { level: "error", event: "internal_error", code: "TypeError" },
    { level: "error", event: "internal_error", code: "unknown" },
  ]);
});

Deno.test("createBackground() starts the work a turn later, when the answer is out", async () => {
  const turn = Promise.withResolvers<void>();
  let hasStarted = false;
  const run = createBackground(fakeLog().log, () => turn.promise);
  run(() => Promise.resolve(hasStarted = true));
  await flushPromises();
  assertEquals(hasStarted, false);
  turn.resolve();
  await flushPromises();
  assertEquals(hasStarted, true);
});

Deno.test("systemNextTurn() comes, and leaves nothing open", async () => {
  await Promise.all([systemNextTurn(), systemNextTurn()]);
});

Deno.test("createBackground() in Supabase's runtime keeps the isolate until the work is done", async () => {
  const kept: Promise<unknown>[] = [];
  world.EdgeRuntime = { waitUntil: (promise: Promise<unknown>) => kept.push(promise) };
  try {
    assertEquals(insideEdgeRuntime(), true);
    const work = Promise.withResolvers<void>();
    createBackground(fakeLog().log, () => Promise.resolve())(() => work.promise);
    let isOver = false;
    void kept[0]?.then(() => isOver = true);
    await flushPromises();
    assertEquals([kept.length, isOver], [1, false]);
    work.resolve();
    await flushPromises();
    assertEquals(isOver, true);
  } finally {
    delete world.EdgeRuntime;
  }
});
