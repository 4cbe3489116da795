import { assertEquals } from "@std/assert";
import { createBackground, insideEdgeRuntime } from "./background.ts";
import { deferred, fakeLog, flushPromises } from "./fakes.ts";

const world = globalThis as { EdgeRuntime?: unknown };

Deno.test("createBackground() in a plain process runs the work and logs a rejection", async () => {
  const { log, entries } = fakeLog();
  let isDone = false;
  const run = createBackground(log);
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

Deno.test("createBackground() in Supabase's runtime keeps the isolate until the work is done", async () => {
  const kept: Promise<unknown>[] = [];
  world.EdgeRuntime = { waitUntil: (promise: Promise<unknown>) => kept.push(promise) };
  try {
    assertEquals(insideEdgeRuntime(), true);
    const work = deferred();
    createBackground(fakeLog().log)(() => work.promise);
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
