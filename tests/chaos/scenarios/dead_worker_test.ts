import { assert, assertEquals } from "@std/assert";
import { stackTest } from "../../stack_test_frame.ts";
import { eventually, post, signIn, sweep } from "../../../stack/observe.ts";
import type { Stack } from "../../../stack/stack_types.ts";
import { crowdMember, gatherCrowd, untilDrained } from "./crowd.ts";

/** More than a drain claims ahead. */
const BACKLOG = 200;
const LATER = 80;

async function underWay(stack: Stack): Promise<readonly string[]> {
  const rows = await stack.sql<{ mentor_id: string }>(
    "select mentor_id from hlf_sync.attempts where outcome is null",
  );
  return rows.map(({ mentor_id }) => mentor_id);
}

/**
 * Kills the workers while they have attempts under way, as if those were leased for hours: what waits for their end is not
 * done in a test.
 *
 * @returns whose attempts they are
 */
async function killWithLongLeases(stack: Stack): Promise<readonly string[]> {
  stack.killFunction("SIGKILL");
  const leased = await stack.sql<{ mentor_id: string }>(
    `update hlf_sync.attempts set lease_expires_at = lease_expires_at + interval '1 hour'
     where outcome is null returning mentor_id`,
  );
  return leased.map(({ mentor_id }) => mentor_id);
}

stackTest("a worker that dies in a backlog keeps nobody waiting for its leases", {
  functionProcesses: 2,
}, async (stack, step) => {
  await untilDrained(stack);
  // What it has sent goes on in Dynamics for longer than its lease on the backlog.
  await stack.simulator.setLatency({ seconds: 25 });
  await gatherCrowd(stack, BACKLOG, { all: "active" });
  await sweep(stack);
  await eventually("its places are in use", async () => (await underWay(stack)).length >= 40);
  const dead = await killWithLongLeases(stack);
  // The database carries out a dead worker's last claim, too; whoever comes now is in none of its claims.
  await gatherCrowd(stack, LATER, { all: "active", from: BACKLOG });
  await stack.simulator.setLatency({ seconds: 0.02 });
  await stack.restartFunction();
  const later = Array.from({ length: LATER }, (_, index) => crowdMember(BACKLOG + index));
  const [urgent = "", pressed = "", ...restores] = later;
  const stillUnderWay = async () => {
    const now = await underWay(stack);
    assertEquals(dead.filter((id) => !now.includes(id)), []);
  };

  await step("a press is answered at once", async () => {
    const press = { type: "force_sync", mentor_id: pressed };
    const { status, body } = await post(stack, press, await signIn(stack));
    assertEquals([status, body.outcome], [200, "success"]);
    await stillUnderWay();
  });

  await step("a remove comes first, and then everybody else", async () => {
    await stack.sql("update public.mentors set status = 'paused' where id = $1::text::uuid", [
      urgent,
    ]);
    const since = (await stack.simulator.requests()).at(-1)?.sequence ?? 0;
    await eventually("all others are done", async () => {
      await sweep(stack);
      const website = await stack.simulator.website();
      return restores.every((id) => website.includes(id)) && !website.includes(urgent);
    });
    await stillUnderWay();
    const sent = (await stack.simulator.requests({ since })).filter(({ method }) =>
      method === "PATCH"
    );
    const place = sent.findIndex(({ mentorId }) => mentorId === urgent);
    const all = await stack.simulator.requests();
    assertEquals(
      all.filter(({ status }) => status === 429).length,
      0,
      "Dynamics had enough of them",
    );
    // Beside those that were claimed with it.
    assert(place >= 0 && place < 50, `it was number ${place}`);
  });
});

/** A drain that has claimed everybody has no lease on the backlog any more, so nobody is told that it is dead. */
stackTest(
  "a worker that dies with all its places in use, and no backlog, keeps nobody else waiting",
  {
    functionProcesses: 2,
  },
  async (stack) => {
    await untilDrained(stack);
    await stack.sql("update public.hlf_sync_gate set max_in_flight = 3");
    await stack.simulator.setLatency({ seconds: 25 });
    await gatherCrowd(stack, 3, { all: "active" });
    await sweep(stack);
    await eventually("its places are in use", async () => (await underWay(stack)).length === 3);
    await killWithLongLeases(stack);
    await gatherCrowd(stack, 4, { all: "active", from: 3 });
    await stack.simulator.setLatency({ seconds: 0.02 });
    await stack.restartFunction();

    await eventually("everybody who came later is shown", async () => {
      await sweep(stack);
      const website = await stack.simulator.website();
      return [3, 4, 5, 6].every((index) => website.includes(crowdMember(index)));
    });
    // Dynamics shows them before the database knows.
    await eventually("they are settled", async () => (await underWay(stack)).length === 3);
    const requests = await stack.simulator.requests();
    assertEquals(requests.filter(({ status }) => status === 429).length, 0);
  },
);
