import { assert, assertEquals } from "@std/assert";
import { startConfiguredStack } from "../../stack/configured_stack.ts";
import { eventually, sweep } from "../../stack/observe.ts";
import { countOpen, crowdMember, gatherCrowd, untilDrained } from "./crowd.ts";

const WAITING = 300;
const IN_FLIGHT = 4;

Deno.test({
  name: "remove overtakes any number of waiting restores",
  sanitizeExit: false,
  async fn(t) {
    const stack = await startConfiguredStack({
      cron: false,
      websiteCacheSeconds: 0,
      functionProcesses: 2,
    });
    try {
      await untilDrained(stack, 30);
      await stack.sql("update public.hlf_sync_gate set max_in_flight = $1", [IN_FLIGHT]);
      const pause = (index: number) =>
        stack.sql("update public.mentors set status = 'paused' where id = $1::text::uuid", [
          crowdMember(index),
        ]);

      await t.step("when all of them wait at a closed gate", async () => {
        await stack.sql("select private.close_hlf_sync_gate('throttled', 3600)");
        await gatherCrowd(stack, WAITING, { all: "active" });
        await stack.sql(
          "delete from public.hlf_sync_state where mentor_id not in (select id from public.mentors)",
        );
        await pause(WAITING - 1);
        await stack.simulator.clearRequests();
        await stack.sql("select private.open_hlf_sync_gate('throttled')");
        await untilDrained(stack, 60);
        const [first] = await stack.sql<{ mentor_id: string; operation: string }>(
          `select mentor_id, operation::text from private.hlf_sync_attempts
           where mentor_id = any ($1::text[]::uuid[]) order by attempt_id limit 1`,
          [Array.from({ length: WAITING }, (_, index) => crowdMember(index))],
        );
        assertEquals(first, { mentor_id: crowdMember(WAITING - 1), operation: "remove" });
      });

      await t.step("when they are being worked off", async () => {
        await stack.simulator.setLatency({ seconds: 0.02 });
        await gatherCrowd(stack, WAITING, { all: "active" });
        await sweep(stack);
        await eventually("some are done", async () => await countOpen(stack) < WAITING - 20);
        await pause(0);
        const [changed] = await stack.sql<{ at: number }>(
          "select (extract(epoch from clock_timestamp()) * 1000)::double precision as at",
        );
        await untilDrained(stack, 60);
        const since = (await stack.simulator.requests()).filter(({ method, receivedAt }) =>
          method === "PATCH" && Date.parse(receivedAt) >= (changed?.at ?? Infinity)
        );
        const place = since.findIndex(({ mentorId, published }) =>
          mentorId === crowdMember(0) && published === false
        );
        // In front of it are those under way, and those claimed just before the change.
        assert(place >= 0 && place <= 2 * IN_FLIGHT, `it was number ${place}`);
        assert(since.length > 50, "the restores were over before");
      });
    } finally {
      await stack.stop();
    }
  },
});
