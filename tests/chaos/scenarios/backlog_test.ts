import { assert, assertEquals } from "@std/assert";
import { stackTest } from "../../stack_test_frame.ts";
import { completeLog } from "../../../stack/observe.ts";
import { crowdMember, gatherCrowd, untilDrained } from "./crowd.ts";

const BACKLOG = 20_000;
/** A second stands for twenty: what Dataverse and the gate admit in 300 s, they admit in 15. */
const WINDOW_SECONDS = 15;
const DYNAMICS_ADMITS = 6_000;
const GATE_ADMITS = 5_700;

stackTest(
  "a backlog of 20,000 drains with four workers within Dataverse's limits, without one 429",
  {
    functionProcesses: 4,
  },
  async (stack) => {
    await untilDrained(stack);
    await stack.simulator.setLimits({
      requestsPerWindow: DYNAMICS_ADMITS,
      windowSeconds: WINDOW_SECONDS,
    });
    await stack.sql(
      "update public.hlf_sync_gate set requests_window = $1::text::interval, max_requests = $2",
      [`${WINDOW_SECONDS} seconds`, GATE_ADMITS],
    );
    await stack.simulator.clearRequests();
    await gatherCrowd(stack, BACKLOG);
    // Those of the seed, who are gone now.
    const former = 8;

    const startedAt = performance.now();
    await untilDrained(stack);
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(
      `${BACKLOG} in ${Math.round(seconds)} s, ${Math.round(BACKLOG / seconds)} a second`,
    );

    const patches = (await stack.simulator.requests())
      .filter(({ method }) => method === "PATCH");
    assertEquals(patches.filter(({ status }) => status === 429), []);
    assertEquals(patches.filter(({ overlapped }) => overlapped), []);
    assertEquals(patches.length, BACKLOG + former);
    assert(Math.max(...patches.map(({ concurrent }) => concurrent)) <= 52);
    const shown = new Set(await stack.simulator.website());
    assertEquals(shown.size, BACKLOG / 2);
    assert(shown.has(crowdMember(0)) && !shown.has(crowdMember(1)));

    await completeLog(stack);
    const outcomes = await stack.sql(
      `select outcome::text, count(*)::integer as count from public.hlf_sync_audit_log
         where id >= $1::text::uuid group by outcome`,
      [patches.map(({ clientRequestId }) => clientRequestId ?? "").sort()[0]],
    );
    assertEquals(outcomes, [{ outcome: "success", count: BACKLOG + former }]);
  },
);
