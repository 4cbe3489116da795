import { assertEquals } from "@std/assert";
import { SlidingWindow } from "./sliding_window.ts";

Deno.test("SlidingWindow counts and sums what is left", () => {
  const window = new SlidingWindow();
  for (let at = 1; at <= 5_000; at++) window.add({ at, seconds: 2 });
  window.forget(4_000);
  assertEquals([window.count, window.seconds], [1_000, 2_000]);
  window.forget(5_000);
  assertEquals([window.count, window.seconds], [0, 0]);
});

Deno.test("SlidingWindow foresees when there is room", () => {
  const window = new SlidingWindow();
  for (const at of [10, 20, 30]) window.add({ at, seconds: 1 });
  assertEquals(window.timeWithAtMost(2, 100), 110);
  assertEquals(window.timeWithAtMost(0, 100), 130);
  assertEquals(window.timeWithAtMost(3, 100), undefined);
  assertEquals(window.timeWithLessWorkThan(2, 100), 120);
  assertEquals(window.timeWithLessWorkThan(0, 100), undefined);
});
