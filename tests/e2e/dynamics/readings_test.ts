import { assert, assertEquals } from "@std/assert";
import {
  eventually,
  isOnWebsite,
  mentor,
  post,
  setStatus,
  untilIdle,
} from "../../../stack/observe.ts";
import type { Stack } from "../../../stack/stack_types.ts";
import { QUICK_BACKOFF, scenariosTest } from "../harness.ts";
import { RELEASE } from "../../../supabase/functions/_shared/release.ts";

const ANOTHER = "00000000-0000-4000-8000-00000000ffff";

/** Has the function read tonight's listings, from the beginning. */
async function night(stack: Stack): Promise<void> {
  await stack.restartFunction();
  await stack.sql(
    `delete from public.hlf_sync_drifts where run_date = hlf_sync.today_in_oslo()`,
  );
  await stack.sql("delete from public.hlf_nightly_runs where run_date = hlf_sync.today_in_oslo()");
  await post(stack, { type: "nightly" }, { apikey: stack.secretKey });
}

async function refused(stack: Stack): Promise<string> {
  return await eventually("the reading is refused", async () => {
    const [run] = await stack.sql<{ refused_reading: string | null }>(
      "select refused_reading from public.hlf_nightly_runs where run_date = hlf_sync.today_in_oslo()",
    );
    return run?.refused_reading;
  });
}

async function finished(stack: Stack): Promise<Record<string, unknown>> {
  return await eventually("the night is finished", async () => {
    const [run] = await stack.sql<Record<string, unknown>>(
      `select listing_count, drift_count, unaddressable_listing_count from public.hlf_nightly_runs
       where run_date = hlf_sync.today_in_oslo() and finished_at is not null`,
    );
    return run;
  });
}

async function isOpen(stack: Stack, kind: string): Promise<boolean> {
  const rows = await stack.sql(
    "select from public.hlf_sync_alerts where kind = $1 and closed_at is null",
    [kind],
  );
  return rows.length > 0;
}

/** The website as it was, nobody due, and the alert open. */
async function assertNothingFollowed(stack: Stack, website: string[]): Promise<void> {
  assert(await isOpen(stack, "reading_implausible"));
  assertEquals(
    await stack.sql("select mentor_id from public.hlf_sync_state where due_at is not null"),
    [],
  );
  assertEquals((await stack.simulator.website()).sort(), website);
  assertEquals(
    await stack.sql(
      "select mentor_id from public.hlf_sync_drifts where run_date = hlf_sync.today_in_oslo()",
    ),
    [],
  );
}

scenariosTest("readings that nobody believes", { functionEnvironment: QUICK_BACKOFF }, {
  async "none, null, a choice, another environment: nobody is hidden or shown, and it is told"(
    stack,
  ) {
    // Somebody in Dynamics shows one who is to be hidden: a night that is believed would hide them.
    await setStatus(stack, "a1", "paused");
    await untilIdle(stack);
    await stack.simulator.upsertListing({ mentorId: mentor("a1"), published: true });
    await stack.sql(
      `insert into public.hlf_nightly_runs (run_date, listing_count, finished_at)
       select hlf_sync.today_in_oslo() - 1, 8, now()`,
    );
    const website = (await stack.simulator.website()).sort();

    await stack.simulator.addFault({
      match: { target: "query" },
      answer: { status: 200, body: '{"value":[]}', contentType: "application/json" },
    });
    await night(stack);
    assertEquals(await refused(stack), "none");
    await assertNothingFollowed(stack, website);

    for (const published of [null, 100000001]) {
      await stack.simulator.upsertListing({ mentorId: mentor("a2"), published });
      await night(stack);
      assertEquals(await refused(stack), "unreadable");
      assert(await isOpen(stack, "reading_implausible"));
      assertEquals(await isOnWebsite(stack, "a1"), true);
    }
    await stack.simulator.upsertListing({ mentorId: mentor("a2"), published: true });

    await stack.sql(
      "update public.hlf_sync_gate set environment_id = '00000000-0000-4000-8000-00000000eeee' where true",
    );
    await stack.simulator.setEnvironment({ organisationId: ANOTHER });
    await night(stack);
    assertEquals(await refused(stack), "environment");
    await assertNothingFollowed(stack, website);
    await stack.simulator.setEnvironment({
      organisationId: "00000000-0000-4000-8000-00000000eeee",
    });

    await night(stack);
    assertEquals((await finished(stack)).drift_count, 1);
    await untilIdle(stack);
    assertEquals(await isOnWebsite(stack, "a1"), false);
    await eventually(
      "its alert is over",
      async () => !(await isOpen(stack, "reading_implausible")),
    );
  },

  async "a published listing whose key no update can name is counted and told, and not called hidden"(
    stack,
  ) {
    await stack.simulator.deleteListing(mentor("a1"));
    await stack.simulator.addListing({
      mentorId: `{${mentor("a1").toUpperCase()}}`,
      published: true,
    });
    await stack.simulator.addListing({ mentorId: null, published: true });
    await night(stack);
    const run = await finished(stack);
    assertEquals([run.drift_count, run.unaddressable_listing_count], [1, 2]);
    assert(await isOpen(stack, "listings_unaddressable"));
    assertEquals(await stack.sql("select from public.hlf_sync_state where due_at is not null"), []);
  },

  async "a night obeys a throttle, and what it is asked to wait holds everybody"(stack) {
    await stack.simulator.addFault({
      match: { target: "query" },
      answer: { status: 429, code: "0x80072322", headers: { "Retry-After": "300" } },
    });
    await night(stack);
    await eventually("the gate is closed", async () => {
      const [row] = await stack.sql<{ seconds: number }>(
        "select extract(epoch from closed_until - closed_at)::float8 as seconds from public.hlf_sync_gate where reason = 'throttled'",
      );
      return row !== undefined && row.seconds > 290 && row.seconds < 301;
    });
    await stack.restartFunction();
    await stack.simulator.clearRequests();
    await post(stack, { type: "nightly" }, { apikey: stack.secretKey });
    const health = await post(stack, { type: "health" }, { apikey: stack.secretKey });
    assertEquals(health.body, { dynamics: "throttled", release: RELEASE });
    // A token is Entra's to give; of Dataverse nothing is asked.
    const asked = await stack.simulator.requests();
    assertEquals(asked.filter(({ path }) => !path.includes("/oauth2/")), []);
    await stack.sql("select hlf_sync.open_gate('throttled')");
  },
});
