-- Runs first and is not rolled back: what every other file works with. All of it is in a schema of its own, which the last file
-- drops. The files run in any app that has hlf-sync: see 010_create_test_app.sql.
begin;
create extension if not exists pgtap with schema extensions;
-- Of a run that was broken off.
drop schema if exists hlf_tests cascade;
create schema hlf_tests;
comment on schema hlf_tests is 'Helpers of the pgTAP files; exists while they run.';
grant usage on schema hlf_tests, extensions to anon, authenticated, service_role;

create function hlf_tests.act_as(role_name text, user_id uuid default null)
returns void
language sql
set search_path = ''
as $$
  select
    set_config('request.jwt.claims', json_build_object('sub', user_id, 'role', role_name)::text, true),
    set_config('role', role_name, true)
$$;
comment on function hlf_tests.act_as(text, uuid) is 'Takes on a role, and the claims of a signed-in user, until `reset role`.';

create function hlf_tests.organisation(letter text)
returns uuid
language sql
immutable
set search_path = ''
as $$
  select ('00000000-0000-4000-8000-0000000000' || letter || '0')::uuid
$$;
comment on function hlf_tests.organisation(text) is 'Fixed id of the organisation c or d of the hlf_tests.';

create function hlf_tests.mentor(code text)
returns uuid
language sql
immutable
set search_path = ''
as $$
  select ('00000000-0000-4000-8000-0000000000' || code)::uuid
$$;
comment on function hlf_tests.mentor(text) is 'Fixed id of a mentor of the tests, such as c1.';

create function hlf_tests.persona(name text)
returns uuid
language sql
immutable
set search_path = ''
as $$
  select case name
    when 'coordinator of c' then '00000000-0000-4000-8000-0000000e0001'
    when 'coordinator of d' then '00000000-0000-4000-8000-0000000e0002'
    when 'member of c' then '00000000-0000-4000-8000-0000000e0003'
    when 'stranger' then '00000000-0000-4000-8000-0000000e0004'
    when 'former coordinator of c' then '00000000-0000-4000-8000-0000000e0005'
    when 'administrator' then '00000000-0000-4000-8000-0000000e0006'
  end::uuid
$$;
comment on function hlf_tests.persona(text) is 'Fixed id of a signed-in user of the hlf_tests.';

create function hlf_tests.has_certifications()
returns boolean
language sql
stable
set search_path = ''
as $$
  select to_regclass('public.hlf_certification_policies') is not null
$$;
comment on function hlf_tests.has_certifications() is 'Whether the module on certifications is there: an app may have left it out.';

create function hlf_tests.own_relations()
returns setof regclass
language sql
stable
set search_path = ''
as $$
  -- By name, because an app may have anything else beside them; 900_conventions.sql finds one that is missing here.
  select unnest(array[
    'public.hlf_coordinator_notifications', 'public.hlf_nightly_runs', 'public.hlf_sync_alerts', 'public.hlf_sync_audit_log',
    'public.hlf_sync_audit_seals', 'public.hlf_sync_detached_partitions', 'public.hlf_sync_drifts', 'public.hlf_sync_gate',
    'public.hlf_sync_manual_actions', 'public.hlf_sync_mentor_status', 'public.hlf_sync_state', 'public.hlf_sync_switches',
    'hlf_sync.alert_kinds', 'hlf_sync.attempts', 'hlf_sync.certificates', 'hlf_sync.days', 'hlf_sync.held_changes',
    'hlf_sync.listings', 'hlf_sync.mentors', 'hlf_sync.messages', 'hlf_sync.organisations', 'hlf_sync.project', 'hlf_sync.pulse',
    'hlf_sync.silent_sources', 'hlf_sync.steps'
  ])::regclass
  union all
  select unnest(array[
    'public.cert_expiry_reminders', 'public.hlf_certification_policies', 'public.hlf_mentor_status_transitions'
  ])::regclass
  where hlf_tests.has_certifications()
  union all
  select i.inhrelid::regclass from pg_catalog.pg_inherits as i where i.inhparent = 'public.hlf_sync_audit_log'::regclass
$$;
comment on function hlf_tests.own_relations() is 'Every table and view of hlf-sync, with the partitions of the log.';

create function hlf_tests.attempt(
  mentor text, outcome public.hlf_sync_outcome default 'success', written_at timestamptz default now()
)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  -- A version 7 uuid of the moment the row is written, so that time can be travelled.
  attempt constant uuid := overlay(
    hlf_sync.uuid_v7()::text
    placing regexp_replace(
      lpad(to_hex((extract(epoch from written_at) * 1000)::bigint), 12, '0'), '^(.{8})', '\1-'
    ) from 1 for 13
  )::uuid;
begin
  insert into public.hlf_sync_audit_log (
    id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
    triggered_by_event, created_at
  ) values (
    attempt, hlf_tests.organisation(left(mentor, 1)), hlf_tests.mentor(mentor), 'remove',
    case when outcome = 'success' then 204 else 503 end,
    case when outcome = 'dead_lettered' then 8 else 0 end, outcome,
    case when outcome <> 'success' then 'unavailable' end, 'status_change:paused', written_at
  );
  return attempt;
end
$$;
comment on function hlf_tests.attempt(text, public.hlf_sync_outcome, timestamptz) is
  'Writes an audit row as the owner, at any time, and returns its id.';

create function hlf_tests.travel(by interval)
returns void
language plpgsql
set search_path = ''
as $$
declare
  moment record;
begin
  -- Time passes for those who look at what happened: each moment they remember is longer ago. What is sealed stays, and so does
  -- the day that has been looked at: it is still today, and a change that was missed is not the date's.
  for moment in
    select c.oid::regclass as relation, array_agg(format('%1$I = %1$I - %2$L::interval', a.attname, by)) as shifts
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind = 'r' and a.atttypid = 'timestamptz'::regtype and not c.relispartition
      and c.oid in (
        select hlf_tests.own_relations() union all values ('net._http_response'::regclass), ('cron.job_run_details'::regclass)
      )
      and c.relname !~ '^(hlf_sync_(audit|detached|manual)|days$)'
    group by c.oid
  loop
    execute format('update %s set %s', moment.relation, array_to_string(moment.shifts, ', '));
  end loop;
end
$$;
comment on function hlf_tests.travel(interval) is 'Lets time pass: whatever the tables remember is that much longer ago.';

create function hlf_tests.uses(index_name text, query text)
returns text
language plpgsql
set search_path = public, extensions
as $$
declare
  line text;
  plan text := '';
begin
  execute query;
  for line in execute 'explain (costs off) ' || query loop
    plan := plan || line || e'\n';
  end loop;
  return matches(plan, 'Index (Only )?Scan.* (using|on) [a-z0-9_]*' || index_name, index_name);
end
$$;
comment on function hlf_tests.uses(text, text) is 'Tests that a query, which is carried out too, takes an index.';

grant execute on all functions in schema hlf_tests to anon, authenticated, service_role;

select plan(1);
select has_schema('hlf_tests');
select * from finish();
commit;
