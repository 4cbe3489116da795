import { assertEquals } from "@std/assert";
import { FakeTime, flushPromises } from "../_shared/fakes.ts";
import { Wake } from "./wake.ts";

Deno.test("Wake.wait() ends after its time, at a signal, and at one given before", async () => {
  const time = new FakeTime();
  const wake = new Wake(time.sleep);
  const start = time.monotonic();
  await time.until(wake.wait(5));
  assertEquals(time.monotonic() - start, 5000);

  const waiting = wake.wait(5);
  wake.signal();
  await waiting;
  wake.signal();
  await wake.wait(5);
  assertEquals(time.monotonic() - start, 5000);
});

Deno.test("Wake.wait() takes one signal once", async () => {
  const time = new FakeTime();
  const wake = new Wake(time.sleep);
  wake.signal();
  wake.signal();
  await wake.wait(5);
  let isOver = false;
  const second = wake.wait(5).then(() => isOver = true);
  await flushPromises();
  assertEquals(isOver, false);
  await time.until(second);
});
