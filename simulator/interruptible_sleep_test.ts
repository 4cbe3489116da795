import { createInterruptibleSleep } from "./interruptible_sleep.ts";

Deno.test({
  name: "createInterruptibleSleep() wakes everybody at once and leaves no timer behind",
  sanitizeOps: true,
  sanitizeResources: true,
  async fn() {
    const { sleep, interrupt } = createInterruptibleSleep();
    const sleepers = Promise.all([sleep(3_600), sleep(7_200)]);
    interrupt();
    await sleepers;
  },
});

Deno.test("createInterruptibleSleep() lets nobody sleep after the interruption", async () => {
  const { sleep, interrupt } = createInterruptibleSleep();
  interrupt();
  await sleep(3_600);
});
