import { assertEquals } from "@std/assert";
import { systemSleep } from "./clock.ts";

Deno.test("systemSleep() ends early when it is aborted, before or meanwhile", async () => {
  const aborted = AbortSignal.abort();
  await systemSleep(60, aborted);
  const abort = new AbortController();
  const sleeping = systemSleep(60, abort.signal);
  abort.abort();
  await sleeping;
});

Deno.test("systemSleep() is never too short, and takes the past for now", async () => {
  const asked: (number | undefined)[] = [];
  const real = globalThis.setTimeout;
  globalThis.setTimeout = ((callback: () => void, delay?: number) => {
    asked.push(delay);
    return real(callback, 0);
  }) as typeof setTimeout;
  try {
    await systemSleep(0.0015);
    await systemSleep(-1);
  } finally {
    globalThis.setTimeout = real;
  }
  assertEquals(asked, [2, 0]);
});
