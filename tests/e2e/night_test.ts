import { assertEquals } from "@std/assert";
import { QUICK_BACKOFF, scenariosTest } from "./harness.ts";
import {
  eventually,
  isOnWebsite,
  mentor,
  ORGANISATION_A,
  post,
  setStatus,
  sweep,
  untilIdle,
} from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";

async function night(stack: Stack): Promise<void> {
  const answer = await post(stack, { type: "nightly" }, { apikey: stack.secretKey });
  assertEquals(answer.status, 202);
}

async function finishedNight(stack: Stack): Promise<Record<string, unknown>> {
  return await eventually("the night is finished", async () => {
    const [run] = await stack.sql<Record<string, unknown>>(
      `select expired_count, reminder_count, listing_count, unknown_listing_count, drift_count
       from public.hlf_nightly_runs where finished_at is not null`,
    );
    return run;
  });
}

/** As if the nights so far had not been, and none of them still under way in the function. */
async function forgetNights(stack: Stack): Promise<void> {
  await stack.restartFunction();
  await stack.sql("delete from public.hlf_sync_drifts");
  await stack.sql("delete from public.hlf_nightly_runs");
}

async function publishedIn(stack: Stack): Promise<Map<string | null, boolean>> {
  const listings = await stack.simulator.listings();
  return new Map(listings.map(({ mentorId, published }) => [mentorId, published]));
}

scenariosTest("the night", { functionEnvironment: QUICK_BACKOFF }, {
  async "two nights at once do everything once"(stack) {
    await stack.sql(
      "update public.mentors set certification_expiry_date = current_date - 3 where id = $1",
      [mentor("a1")],
    );
    await stack.sql(
      "update public.mentors set certification_expiry_date = current_date + 20 where id = $1",
      [mentor("a2")],
    );
    await Promise.all([night(stack), night(stack), night(stack)]);
    const run = await finishedNight(stack);
    assertEquals(run, {
      expired_count: 1,
      reminder_count: 1,
      listing_count: 8,
      unknown_listing_count: 0,
      drift_count: 0,
    });
    await night(stack);
    await eventually("a1 is gone", async () => !(await isOnWebsite(stack, "a1")));
    assertEquals(
      await stack.sql("select mentor_id, to_status from public.hlf_mentor_status_transitions"),
      [{ mentor_id: mentor("a1"), to_status: "expired_cert" }],
    );
    assertEquals(
      await stack.sql("select mentor_id, threshold_day from public.cert_expiry_reminders"),
      [{ mentor_id: mentor("a2"), threshold_day: 30 }],
    );
  },

  async "every kind of drift is put right, and nobody else's listing is touched"(stack) {
    await forgetNights(stack);
    const stranger = crypto.randomUUID();
    await stack.sql(
      "insert into public.mentors (id, organisation_id, full_name) values ($1, $2, 'Snart Borte')",
      [mentor("c1"), ORGANISATION_A],
    );
    await stack.simulator.upsertListing({ mentorId: mentor("c1"), published: true });
    await untilIdle(stack);
    await stack.sql("delete from public.mentors where id = $1", [mentor("c1")]);
    await untilIdle(stack);
    // Somebody in Dynamics: hides one, shows one, shows one that is deleted; and has listings of others.
    await stack.simulator.upsertListing({ mentorId: mentor("a3"), published: false });
    await stack.simulator.upsertListing({ mentorId: mentor("a5"), published: true });
    await stack.simulator.upsertListing({ mentorId: mentor("c1"), published: true });
    await stack.simulator.upsertListing({ mentorId: stranger, published: true });

    await night(stack);
    const run = await finishedNight(stack);
    assertEquals([run.listing_count, run.unknown_listing_count, run.drift_count], [10, 1, 3]);
    await untilIdle(stack);
    const published = await publishedIn(stack);
    assertEquals(
      [mentor("a3"), mentor("a5"), mentor("c1"), stranger].map((id) => published.get(id)),
      [true, false, false, true],
    );
    await stack.simulator.deleteListing(stranger);
  },

  async "a night that is cut off is begun again by the sweep"(stack) {
    await forgetNights(stack);
    await stack.simulator.upsertListing({ mentorId: mentor("a3"), published: false });
    await stack.simulator.addFault({ match: { target: "query" }, answer: { status: 500 } });
    await night(stack);
    await eventually(
      "the failure is told",
      () => stack.functionOutput.some(({ line }) => line.includes("reconciliation_failed")),
    );
    // The lease of the reader has to run out first; the test does not wait for it.
    await stack.sql("update public.hlf_nightly_runs set reconciliation_lease_until = now()");
    await post(stack, { type: "nightly" }, { apikey: stack.secretKey });
    const run = await finishedNight(stack);
    assertEquals(run.drift_count, 1);
    await eventually("a3 is shown again", () => isOnWebsite(stack, "a3"));
  },

  async "who changes while the listings are read is not taken for drift"(stack) {
    await forgetNights(stack);
    await stack.simulator.addFault({ match: { target: "query" }, answer: { delaySeconds: 1 } });
    await night(stack);
    await eventually("the listings are being read", async () => {
      const [run] = await stack.sql(
        "select from public.hlf_nightly_runs where reconciliation_started_at is not null",
      );
      return run !== undefined;
    });
    await setStatus(stack, "b1", "paused");
    const run = await finishedNight(stack);
    assertEquals(run.drift_count, 0);
    await untilIdle(stack);
    assertEquals(await isOnWebsite(stack, "b1"), false);
    await sweep(stack);
  },
});
