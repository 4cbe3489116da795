import { assert, assertEquals } from "@std/assert";
import { stackTest } from "../../stack_test_frame.ts";
import { eventually, sweep } from "../../../stack/observe.ts";
import type { Stack } from "../../../stack/stack_types.ts";
import { countOpen, crowdMember, gatherCrowd, untilDrained } from "./crowd.ts";

const WAITING = 300;
const IN_FLIGHT = 4;

/** How many updates Dynamics received before the one that hides a mentor, after the request of some number. */
async function placeOfRemove(stack: Stack, index: number, since: number): Promise<number> {
  const requests = await stack.simulator.requests({ since });
  return requests.filter(({ method }) => method === "PATCH")
    .findIndex(({ mentorId, published }) => mentorId === crowdMember(index) && published === false);
}

stackTest("remove overtakes any number of waiting restores", {
  functionProcesses: 2,
}, async (stack, step) => {
  await untilDrained(stack);
  await stack.sql("update public.hlf_sync_gate set max_in_flight = $1", [IN_FLIGHT]);
  const pause = (index: number) =>
    stack.sql("update public.mentors set status = 'paused' where id = $1::text::uuid", [
      crowdMember(index),
    ]);

  await step("when all of them wait at a closed gate", async () => {
    await stack.sql("select hlf_sync.close_gate('throttled', 3600)");
    await gatherCrowd(stack, WAITING, { all: "active" });
    await stack.sql(
      "delete from public.hlf_sync_state where mentor_id not in (select id from public.mentors)",
    );
    await pause(WAITING - 1);
    await stack.simulator.clearRequests();
    await stack.sql("select hlf_sync.open_gate('throttled')");
    await untilDrained(stack);
    const place = await placeOfRemove(stack, WAITING - 1, 0);
    // They go out together: the remove and whoever else there was room for.
    assert(place >= 0 && place < IN_FLIGHT, `it was number ${place}`);
  });

  await step("when they are being worked off", async () => {
    let left = 0;
    let since = 0;
    // Where this process was kept so long from making the change that the restores were over, Dynamics is made slower.
    for (let latency = 0.02; left <= 50 && latency < 10; latency *= 4) {
      await stack.simulator.setLatency({ seconds: latency });
      await gatherCrowd(stack, WAITING, { all: "active" });
      await sweep(stack);
      await eventually("some are done", async () => await countOpen(stack) < WAITING - 20);
      await pause(0);
      since = (await stack.simulator.requests()).at(-1)?.sequence ?? 0;
      left = await countOpen(stack);
      await untilDrained(stack);
    }
    assert(left > 50, "the restores were over before");
    assertEquals((await stack.simulator.website()).includes(crowdMember(0)), false);
    const place = await placeOfRemove(stack, 0, since);
    // In front of it are those claimed just before the change, unless it was the first that went out.
    assert(place <= 2 * IN_FLIGHT, `it was number ${place}`);
  });
});
