import { assert, assertEquals } from "@std/assert";
import { DEFAULT_CLIENT_SECRET } from "../../../simulator/defaults.ts";
import { stackTest } from "../../stack_test_frame.ts";
import { eventually, post, sweep } from "../../../stack/observe.ts";
import type { Stack } from "../../../stack/stack_types.ts";
import { countOpen, gatherCrowd, untilDrained } from "./crowd.ts";

const BACKLOG = 400;
const WORKERS = 3;
const RENEWED_SECRET = `${DEFAULT_CLIENT_SECRET}-renewed`;

/** What people were told of the credentials: the alert, without what is said of it. */
function told(stack: Stack): string[] {
  return stack.messages.texts
    .map((text) => text.slice(0, text.indexOf(" (")))
    .filter((subject) => subject.endsWith("credentials_rejected"));
}

interface Attempts {
  readonly made: number;
  readonly rejected: number;
  readonly dead: number;
  readonly in_flight: number;
}

async function countAttempts(stack: Stack): Promise<Attempts> {
  const [row] = await stack.sql<Attempts>(
    `select count(*)::integer as made,
       count(*) filter (where error_message like 'credentials_rejected%')::integer as rejected,
       count(*) filter (where outcome = 'dead_lettered')::integer as dead,
       count(*) filter (where outcome is null)::integer as in_flight
     from hlf_sync.attempts`,
  );
  if (row === undefined) throw new Error("The attempts cannot be counted");
  return row;
}

stackTest(
  "a secret revoked in the middle of a backlog burns no attempt, and work resumes by itself",
  {
    functionProcesses: WORKERS,
    functionEnvironment: { HLF_SYNC_BACKOFF_SECONDS: "0.1,0.1,0.1" },
  },
  async (stack, step) => {
    await untilDrained(stack);
    // Hardly anybody else asks meanwhile, so each worker is asked, and has a token: one without would meet the rejection before
    // it claims anything.
    for (let turn = 0; turn < 2 * WORKERS; turn++) {
      assertEquals(
        (await post(stack, { type: "health" }, { apikey: stack.secretKey })).status,
        200,
      );
    }
    // Slow enough for many to be under way at once.
    await stack.simulator.setLatency({ seconds: 0.1 });
    await stack.sql("update public.hlf_sync_gate set max_in_flight = 20");
    // The budget ends in the middle of the backlog, so that there is one however busy the machine is.
    await stack.sql(
      `update public.hlf_sync_gate set other_requests = '{}',
           max_requests = $1 + (select count(*) from hlf_sync.attempts)`,
      [BACKLOG / 2],
    );
    await gatherCrowd(stack, BACKLOG);
    await eventually("half of the backlog is done", async () => {
      await sweep(stack);
      const [row] = await stack.sql<{ room: number }>(
        "select c.room from hlf_sync.remaining_capacity(hlf_sync.uuid_v7()) as c",
      );
      return row?.room === 0 && (await countAttempts(stack)).in_flight === 0;
    });
    await stack.simulator.clearRequests();
    // On a busy machine they have waited for so long by now that a sweep has Dynamics' health checked, too.
    await stack.sql(
      "update public.hlf_sync_state set requested_at = clock_timestamp() where due_at is not null",
    );
    await stack.simulator.setCredentials({ clientSecret: RENEWED_SECRET, revokeTokens: true });
    await stack.sql("update public.hlf_sync_gate set max_requests = 5700");
    await sweep(stack);

    await step("one alert", async () => {
      await eventually("the alert is told", () => told(stack).length > 0);
      await eventually(
        "nothing is under way any more",
        async () => (await countAttempts(stack)).in_flight === 0,
      );
      assertEquals(told(stack), ["hlf-sync alert: credentials_rejected"]);
    });

    await step(
      "no attempt is burnt beyond those under way, and nobody is given up",
      async () => {
        const { made, rejected, dead } = await countAttempts(stack);
        // A nudge that a busy function has not heeded for a while has the sweep ask for a health check as well, which may be first.
        const isForewarned = stack.functionOutput.some(({ line }) =>
          line.includes("health_check_failed")
        );
        assert(
          rejected <= 20 && (rejected >= 1 || isForewarned),
          `${rejected} attempts met the rejection`,
        );
        assertEquals(dead, 0);
        for (let minute = 0; minute < 5; minute++) {
          await sweep(stack);
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        const later = await countAttempts(stack);
        assertEquals([later.made, later.dead], [made, 0]);
        assert(await countOpen(stack) > 0);
        assertEquals(told(stack).length, 1);
      },
    );

    await step("work resumes by itself once the function has the new secret", async () => {
      await stack.restartFunction({ DYNAMICS_CLIENT_SECRET: RENEWED_SECRET });
      await untilDrained(stack);
      assertEquals((await stack.simulator.website()).length, BACKLOG / 2);
      assertEquals((await countAttempts(stack)).dead, 0);
      await eventually("the end is told", async () => {
        await sweep(stack);
        return told(stack).length > 1;
      });
      assertEquals(told(stack), [
        "hlf-sync alert: credentials_rejected",
        "hlf-sync alert over: credentials_rejected",
      ]);
    });
  },
);
