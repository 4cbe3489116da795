import type { FaultAnswer } from "../../../simulator/simulator_client.ts";
import type { Outage } from "./outage.ts";
import type { Stage } from "./stage.ts";

const LISTINGS = { contentType: "application/json" };

/** Tonight begins anew; last night everything was read. */
async function beginNight(stage: Stage): Promise<void> {
  await stage.stack.run(`
    delete from public.hlf_sync_drifts where true;
    delete from public.hlf_nightly_runs where true;
    insert into public.hlf_nightly_runs (run_date, started_at, finished_at, listing_count)
    values (hlf_sync.today_in_oslo() - 1, now() - interval '1 day', now() - interval '1 day', 8);
    select hlf_sync.run_night(hlf_sync.today_in_oslo());
    select hlf_sync.nudge('{"type": "nightly"}');
  `);
}

/** Dynamics answers the reading of all listings like this. */
function reading(name: string, answer: FaultAnswer): Outage {
  return {
    name,
    async begin(stage) {
      const end = await stage.fault({ match: { target: "query" }, answer });
      await beginNight(stage);
      return async () => {
        await end();
        // What a person does who has mended it, instead of waiting for the next try.
        await stage.stack.sql("select hlf_sync.read_tonight_again()");
      };
    },
  };
}

export const NIGHT_OUTAGES: readonly Outage[] = [
  reading("The night reads no listing (the role may read none)", {
    status: 200,
    body: JSON.stringify({ value: [] }),
    ...LISTINGS,
  }),
  reading("The night reads values that say nothing", {
    status: 200,
    body: JSON.stringify({ value: [{ hlf_mentorid: "x", hlf_published: null }] }),
    ...LISTINGS,
  }),
  reading("The listings cannot be read", { status: 500, code: "0x80040216" }),
  {
    name: "A published listing has a key that is no mentor's id",
    async begin(stage) {
      const { simulator } = stage.stack;
      await simulator.upsertListing({ mentorId: "Kari Eksempel", published: true });
      await beginNight(stage);
      return async () => {
        await simulator.deleteListing("Kari Eksempel");
        await beginNight(stage);
      };
    },
  },
  {
    name: "Somebody changes a listing back every night",
    async begin(stage) {
      await stage.stack.run(`
        insert into public.hlf_nightly_runs (run_date, started_at, finished_at, listing_count)
        select hlf_sync.today_in_oslo() - n, now() - make_interval(days => n), now() - make_interval(days => n), 8
        from generate_series(1, 2) as n;
        insert into public.hlf_sync_drifts (run_date, mentor_id, organisation_id, wanted_operation, is_published, age_seconds)
        select r.run_date, m.id, m.organisation_id, 'restore', false, 80000
        from public.hlf_nightly_runs as r, public.mentors as m
        where m.id = '${stage.id("a1")}' and r.run_date > hlf_sync.today_in_oslo() - 3;
      `);
      return () =>
        stage.stack.run(
          `delete from public.hlf_sync_drifts where run_date = hlf_sync.today_in_oslo()`,
        );
    },
  },
];
