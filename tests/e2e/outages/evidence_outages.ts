import type { Outage } from "./outage.ts";

const YEAR = "extract(year from now() at time zone 'UTC')::integer";

export const EVIDENCE_OUTAGES: readonly Outage[] = [
  {
    name: "This year's partition was detached",
    async begin(stage) {
      const [{ partition } = { partition: "" }] = await stage.stack.sql<{ partition: string }>(
        `select format('hlf_sync.audit_log_%s', ${YEAR}) as partition`,
      );
      await stage.stack.run(`alter table public.hlf_sync_audit_log detach partition ${partition}`);
      await stage.pause("a1");
      return () => stage.stack.sql(`select hlf_sync.ensure_audit_log_partitions(${YEAR}, ${YEAR})`);
    },
  },
  {
    name: "The clock was set back",
    async begin(stage) {
      // What was claimed before has the id of a time to come; the log refuses its row.
      await stage.stack.run(`
        with attempt as (
          insert into hlf_sync.attempts (mentor_id, organisation_id, operation, generation, retry_count, is_last,
            triggered_by_event, claimed_at, lease_expires_at, settled_at, outcome, response_code, attempt_id)
          select id, organisation_id, 'remove', 1, 0, false, 'manual_coordinator_force_sync', clock_timestamp() - interval '1 minute',
            clock_timestamp(), clock_timestamp() - interval '50 seconds', 'success', 204,
            overlay(hlf_sync.uuid_v7()::text placing regexp_replace(
              lpad(to_hex((extract(epoch from clock_timestamp() + interval '1 hour') * 1000)::bigint), 12, '0'),
              '^(.{8})', '\\1-') from 1 for 13)::uuid
          from public.mentors where id = '${stage.id("a1")}'
        ) select`);
      return () =>
        stage.stack.run(
          `update hlf_sync.attempts set attempt_id = hlf_sync.uuid_v7()
          where hlf_sync.uuid_v7_time(attempt_id) > clock_timestamp() + interval '10 minutes'`,
        );
    },
  },
  {
    name: "An attempt without a state",
    async begin(stage) {
      await stage.stack.run(`
        insert into hlf_sync.attempts (mentor_id, organisation_id, operation, generation, retry_count, is_last,
          triggered_by_event, lease_expires_at)
        select gen_random_uuid(), organisation_id, 'remove', 1, 0, false, 'manual_coordinator_force_sync', clock_timestamp()
        from public.mentors where id = '${stage.id("a1")}'`);
      return () =>
        stage.stack.run(
          `delete from hlf_sync.attempts as t
          where not exists (select from public.hlf_sync_state as s where s.mentor_id = t.mentor_id)`,
        );
    },
  },
  {
    name: "A step of the sweep fails",
    async begin(stage) {
      const [{ definition } = { definition: "" }] = await stage.stack.sql<{ definition: string }>(
        "select pg_get_functiondef('hlf_sync.prune_attempts()'::regprocedure) as definition",
      );
      await stage.stack.run(
        `create or replace function hlf_sync.prune_attempts() returns integer
        language sql set search_path = '' as 'select 1 / 0'`,
      );
      return () => stage.stack.run(definition);
    },
  },
  {
    name: "Seals were taken away",
    async begin(stage) {
      await stage.stack.run(`
        insert into public.hlf_sync_audit_seals (day, row_count, digest)
        select (now() at time zone 'UTC')::date - 1, d.row_count, d.digest
        from hlf_sync.digest_audit_day((now() at time zone 'UTC')::date - 1, null) as d
        on conflict (day) do nothing;
        update hlf_sync.pulse set sealed_until = (now() at time zone 'UTC')::date - 1 where id;
        create table hlf_tests.seals as select * from public.hlf_sync_audit_seals;
        alter table public.hlf_sync_audit_seals disable trigger refuse_change;
        delete from public.hlf_sync_audit_seals where true;
        alter table public.hlf_sync_audit_seals enable always trigger refuse_change;
      `);
      return () =>
        stage.stack.run(
          `insert into public.hlf_sync_audit_seals select * from hlf_tests.seals; drop table hlf_tests.seals`,
        );
    },
  },
];
