import type { Outage } from "./outage.ts";

export const MENTOR_OUTAGES: readonly Outage[] = [
  {
    name: "A mentor who is to be shown has no listing",
    async begin(stage) {
      const { simulator } = stage.stack;
      await stage.pause("a1");
      await stage.round();
      await simulator.deleteListing(stage.id("a1"));
      await stage.stack.sql("update public.mentors set status = 'active' where id = $1", [
        stage.id("a1"),
      ]);
      return async () => {
        await simulator.upsertListing({ mentorId: stage.id("a1"), published: false });
        await stage.stack.sql("update public.mentors set status = 'paused' where id = $1", [
          stage.id("a1"),
        ]);
      };
    },
  },
  {
    name: "An attempt has a lease without end",
    async begin(stage) {
      // Claimed by a worker whose clock is wrong, and never settled.
      await stage.stack.run(`
        alter table public.mentors disable trigger track_updated_mentors;
        update public.mentors set status = 'paused' where id = '${stage.id("a1")}';
        alter table public.mentors enable trigger track_updated_mentors;
        update public.hlf_sync_state set wanted_operation = 'remove', generation = generation + 1,
          due_at = clock_timestamp() - interval '1 second', requested_at = clock_timestamp()
        where mentor_id = '${stage.id("a1")}';
        select hlf_sync.claim_attempts(1, 1990000000, 8, array['${stage.id("a1")}'::uuid]);
      `);
      return () =>
        stage.stack.sql(
          "update hlf_sync.attempts set lease_expires_at = now() where outcome is null",
        );
    },
  },
  {
    name: "A trigger missed a change",
    async begin(stage) {
      await stage.stack.run("alter table public.mentors disable trigger track_updated_mentors");
      await stage.pause("a1");
      return () =>
        stage.stack.run("alter table public.mentors enable trigger track_updated_mentors");
    },
  },
  {
    name: "The app has a status that is new",
    async begin(stage) {
      await stage.stack.sql("alter type public.mentor_status add value if not exists 'on_leave'");
      await stage.stack.sql("update public.mentors set status = 'on_leave' where id = $1", [
        stage.id("a1"),
      ]);
      return () =>
        stage.stack.sql("update public.mentors set status = 'active' where id = $1", [
          stage.id("a1"),
        ]);
    },
  },
];
