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
      // Never settled, and prolonged by hand: a claim takes no lease that is longer than ten minutes.
      await stage.stack.run(`
        alter table public.mentors disable trigger hlf_sync_update;
        update public.mentors set status = 'paused' where id = '${stage.id("a1")}';
        alter table public.mentors enable trigger hlf_sync_update;
        update public.hlf_sync_state set wanted_operation = 'remove', generation = generation + 1,
          due_at = clock_timestamp() - interval '1 second', requested_at = clock_timestamp()
        where mentor_id = '${stage.id("a1")}';
        select hlf_sync.claim_attempts(1, 600, 8, array['${stage.id("a1")}'::uuid]);
        update hlf_sync.attempts set lease_expires_at = clock_timestamp() + interval '60 years' where outcome is null;
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
      await stage.stack.run("alter table public.mentors disable trigger hlf_sync_update");
      await stage.pause("a1");
      return () => stage.stack.run("alter table public.mentors enable trigger hlf_sync_update");
    },
  },
  {
    name: "The adapter is wrong, and shows everybody",
    async begin(stage) {
      const { stack } = stage;
      const [{ definition } = { definition: "" }] = await stack.sql<{ definition: string }>(
        "select pg_get_viewdef('hlf_sync.mentors'::regclass) as definition",
      );
      await stack.run(`
        insert into public.mentors (id, organisation_id, full_name, status)
        select ('00000000-0000-4000-8000-00000000c' || lpad(to_hex(n), 3, '0'))::uuid, organisation_id, 'Oppdiktet', 'paused'
        from public.mentors, generate_series(1, 40) as n where id = '${stage.id("a1")}';
        update public.hlf_sync_state set
          confirmed_generation = generation, confirmed_operation = wanted_operation, confirmed_at = now(), due_at = null
        where wanted_operation = 'remove' and due_at is not null;
        create or replace view hlf_sync.mentors as
        select id as mentor_id, organisation_id, true as is_shown, status::text as reason, full_name as name from public.mentors;
      `);
      return () =>
        stack.run(`
          create or replace view hlf_sync.mentors as ${definition};
          alter table public.mentors disable trigger user;
          delete from public.mentors where full_name = 'Oppdiktet';
          alter table public.mentors enable trigger user;
          delete from public.hlf_sync_state as s
          where not exists (select from public.mentors as m where m.id = s.mentor_id);
        `);
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
