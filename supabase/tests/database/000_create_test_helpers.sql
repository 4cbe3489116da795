-- Runs first and is not rolled back: the personas that every other file acts as.
begin;
create extension if not exists pgtap with schema extensions;
create schema if not exists tests;
comment on schema tests is 'Helpers of the pgTAP files; exists in test databases only.';
grant usage on schema tests, extensions to anon, authenticated, service_role;

create or replace function tests.act_as(role_name text, user_id uuid default null)
returns void
language sql
set search_path = ''
as $$
  select
    set_config('request.jwt.claims', json_build_object('sub', user_id, 'role', role_name)::text, true),
    set_config('role', role_name, true)
$$;
comment on function tests.act_as(text, uuid) is 'Takes on a role, and the claims of a signed-in user, until `reset role`.';

create or replace function tests.organisation(letter text)
returns uuid
language sql
immutable
set search_path = ''
as $$
  select ('00000000-0000-4000-8000-0000000000' || letter || '0')::uuid
$$;
comment on function tests.organisation(text) is 'Fixed id of the organisation c or d of the tests.';

create or replace function tests.mentor(code text)
returns uuid
language sql
immutable
set search_path = ''
as $$
  select ('00000000-0000-4000-8000-0000000000' || code)::uuid
$$;
comment on function tests.mentor(text) is 'Fixed id of a mentor of the tests, such as c1.';

create or replace function tests.persona(name text)
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
  end::uuid
$$;
comment on function tests.persona(text) is 'Fixed id of a signed-in user of the tests.';

create or replace function tests.create_world()
returns void
language sql
set search_path = ''
as $$
  -- Leaves only what a test makes itself, whatever was seeded.
  delete from public.organisations;
  delete from public.hlf_sync_state;
  delete from public.hlf_sync_switches;
  delete from net.http_request_queue;
  delete from public.hlf_sync_alerts;
  delete from hlf_sync.messages;
  insert into auth.users (id, email)
  select tests.persona(p), replace(p, ' ', '.') || '@example.org'
  from unnest(array[
    'coordinator of c', 'coordinator of d', 'member of c', 'stranger', 'former coordinator of c'
  ]) as p;
  insert into public.organisations (id, name) values
  (tests.organisation('c'), 'Organisation C'), (tests.organisation('d'), 'Organisation D');
  insert into public.hlf_sync_switches (organisation_id, is_enabled) values
  (tests.organisation('c'), true), (tests.organisation('d'), true);
  insert into public.organisation_members (organisation_id, user_id, role) values
  (tests.organisation('c'), tests.persona('coordinator of c'), 'coordinator'),
  (tests.organisation('d'), tests.persona('coordinator of d'), 'coordinator'),
  (tests.organisation('c'), tests.persona('member of c'), 'member'),
  (tests.organisation('c'), tests.persona('former coordinator of c'), 'coordinator');
  delete from public.organisation_members where user_id = tests.persona('former coordinator of c');
  insert into public.mentors (id, organisation_id, full_name, status) values
  (tests.mentor('c1'), tests.organisation('c'), 'Test Testesen', 'active'),
  (tests.mentor('c2'), tests.organisation('c'), 'Prøve Prøvesen', 'active'),
  (tests.mentor('d1'), tests.organisation('d'), 'Liksom Liksomsen', 'active');
$$;
comment on function tests.create_world() is 'Two organisations, c and d, with mentors and one user of each kind.';

create or replace function tests.attempt(
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
    attempt, tests.organisation(left(mentor, 1)), tests.mentor(mentor), 'remove',
    case when outcome = 'success' then 204 else 503 end,
    case when outcome = 'dead_lettered' then 8 else 0 end, outcome,
    case when outcome <> 'success' then 'unavailable' end, 'status_change:paused', written_at
  );
  return attempt;
end
$$;
comment on function tests.attempt(text, public.hlf_sync_outcome, timestamptz) is
  'Writes an audit row as the owner, at any time, and returns its id.';

create or replace function tests.travel(by interval)
returns void
language plpgsql
set search_path = ''
as $$
declare
  moment record;
begin
  -- Time passes for those who look at what happened: each moment they remember is longer ago. What is sealed stays.
  for moment in
    select c.oid::regclass as relation, array_agg(format('%1$I = %1$I - %2$L::interval', a.attname, by)) as shifts
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind = 'r' and a.atttypid = 'timestamptz'::regtype
      and (
        c.relnamespace = 'public'::regnamespace and c.relname ~ '^hlf_' and c.relname !~ '^hlf_sync_(audit|detached|manual)'
        or c.relnamespace = 'hlf_sync'::regnamespace and c.relname !~ '^audit_log_'
        or c.oid in (
          'public.hlf_coordinator_notifications'::regclass, 'net._http_response'::regclass, 'cron.job_run_details'::regclass,
          'public.hlf_mentor_status_transitions'::regclass, 'public.cert_expiry_reminders'::regclass
        )
      )
    group by c.oid
  loop
    execute format('update %s set %s', moment.relation, array_to_string(moment.shifts, ', '));
  end loop;
end
$$;
comment on function tests.travel(interval) is 'Lets time pass: whatever the tables remember is that much longer ago.';

grant execute on all functions in schema tests to anon, authenticated, service_role;

select plan(1);
select has_schema('tests');
select * from finish();
commit;
