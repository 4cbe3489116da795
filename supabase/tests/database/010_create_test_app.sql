-- Not rolled back, like 000: an app that is nobody's, for hlf-sync to be tested with. Each file that needs it calls `create_world`
-- first of all, within its own transaction: until that is rolled back the ports lead to these tables, and hlf-sync is as it
-- was when it was installed, whatever app it is in and whatever it has done there.
begin;

create table hlf_tests.organisations (
  id uuid primary key,
  name text not null
);
comment on table hlf_tests.organisations is 'Organisations that mentors of the tests belong to.';

create table hlf_tests.organisation_members (
  organisation_id uuid not null references hlf_tests.organisations (id) on delete cascade,
  user_id uuid not null,
  role text not null check (role in ('administrator', 'coordinator', 'member')),
  primary key (organisation_id, user_id)
);
comment on table hlf_tests.organisation_members is 'Which persona is what in which organisation.';

create table hlf_tests.mentors (
  id uuid primary key,
  organisation_id uuid not null references hlf_tests.organisations (id) on delete cascade,
  full_name text not null,
  email text,
  status text not null default 'active' check (status in ('active', 'paused', 'expired_cert', 'resigned')),
  certification_expiry_date date
);
comment on table hlf_tests.mentors is 'Invented mentors.';
select hlf_sync.track_table('hlf_tests.mentors', 'id', 'status', 'organisation_id');

create function hlf_tests.take_ports()
returns void
language plpgsql
set search_path = ''
as $test$
declare
  theirs record;
begin
  execute format('lock table %s in access exclusive mode', (
    select string_agg(c.oid::regclass::text, ', ')
    from pg_catalog.pg_class as c
    where c.oid in (select hlf_tests.own_relations()) and c.relkind in ('r', 'p') and not c.relispartition
  ));

  create or replace view hlf_sync.organisations as
  select o.id as organisation_id, o.name
  from hlf_tests.organisations as o;

  create or replace view hlf_sync.mentors as
  select
    m.id as mentor_id, m.organisation_id, m.status = 'active' as is_shown, m.status as reason, m.full_name as name
  from hlf_tests.mentors as m;

  create or replace view hlf_sync.certificates as
  select m.id as mentor_id, m.certification_expiry_date as expires_on
  from hlf_tests.mentors as m
  where m.certification_expiry_date is not null;

  create or replace function hlf_sync.coordinated_organisation_ids()
  returns setof uuid language plpgsql stable security definer set search_path = ''
  as $$
  begin
    return query
    select m.organisation_id
    from hlf_tests.organisation_members as m
    where m.user_id = (select auth.uid()) and m.role = 'coordinator';
  end
  $$;

  create or replace function hlf_sync.is_hlf_administrator()
  returns boolean language sql stable security definer set search_path = ''
  as $$
    select exists (
      select from hlf_tests.organisation_members where user_id = (select auth.uid()) and role = 'administrator'
    )
  $$;

  create or replace function hlf_sync.restore_app_privileges()
  returns void language sql set search_path = ''
  as 'select';

  if hlf_tests.has_certifications() then
    create or replace function hlf_sync.expire_mentors(mentor_ids uuid[], on_date date)
    returns setof uuid language sql security definer set search_path = ''
    as $$
      update hlf_tests.mentors as m set status = 'expired_cert'
      where m.id = any (mentor_ids) and m.status = 'active' and m.certification_expiry_date < on_date
      returning m.id
    $$;
  else
    create or replace function hlf_sync.work_on_certifications(
      on_date date, out reminded integer, out expired integer, out duplicates integer
    )
    language sql security definer set search_path = ''
    as $$
      with expired as (
        update hlf_tests.mentors set status = 'expired_cert'
        where status = 'active' and certification_expiry_date < on_date
        returning id
      )
      select 0, (select count(*)::integer from expired), 0
    $$;
  end if;

  -- An app may hear of what hlf-sync notes.
  for theirs in
    select t.tgrelid::regclass as relation, t.tgname as name
    from pg_catalog.pg_trigger as t
    join pg_catalog.pg_proc as p on p.oid = t.tgfoid
    where t.tgrelid in (select hlf_tests.own_relations()) and not t.tgisinternal and p.pronamespace <> 'hlf_sync'::regnamespace
  loop
    execute format('alter table %s disable trigger %I', theirs.relation, theirs.name);
  end loop;
end
$test$;
comment on function hlf_tests.take_ports() is 'Locks hlf-sync''s tables, and puts the app of the tests in the place of the one that is there.';

create function hlf_tests.use_app()
returns void
language plpgsql
set search_path = ''
-- Less than it takes Postgres to look for a deadlock.
set lock_timeout = '200ms'
as $$
begin
  loop
    begin
      perform hlf_tests.take_ports();
      return;
    exception when lock_not_available then
      -- A job of hlf-sync's is at work, and may need next what is locked by now: an attempt that fails holds nothing any longer.
      perform pg_sleep(0.1);
    end;
  end loop;
end
$$;
comment on function hlf_tests.use_app() is
  'Takes the ports between two jobs. Whatever pg_cron starts from then on waits for the end of the file, which does not see it.';

create function hlf_tests.forget_everything()
returns void
language plpgsql
set search_path = ''
-- Neither a trigger nor a foreign key of an app's own is in its way, or hears of it.
set session_replication_role = 'replica'
as $test$
declare
  guard constant text := pg_catalog.pg_get_functiondef('hlf_sync.refuse_change()'::regprocedure);
  remembering record;
begin
  -- What is append-only is so even to its owner, and as a replica.
  create or replace function hlf_sync.refuse_change()
  returns trigger language plpgsql set search_path = ''
  as 'begin return null; end';
  if exists (select from public.hlf_sync_audit_log) then
    truncate public.hlf_sync_audit_log;
  end if;
  -- Years that were added since, or have left the log.
  for remembering in
    select c.oid::regclass as relation
    from pg_catalog.pg_class as c
    where c.relnamespace = 'hlf_sync'::regnamespace and c.relname ~ '^audit_log_\d{4}$' and c.relkind = 'r'
      and not (c.relispartition and right(c.relname, 4) between '2026' and '2031')
  loop
    execute format('drop table %s', remembering.relation);
  end loop;
  perform hlf_sync.ensure_audit_log_partitions(2026, 2031);
  for remembering in
    select c.oid::regclass as relation
    from pg_catalog.pg_class as c
    where c.oid in (select hlf_tests.own_relations()) and c.relkind = 'r' and not c.relispartition
      and c.oid <> 'hlf_sync.alert_kinds'::regclass
  loop
    execute format('delete from %s', remembering.relation);
  end loop;
  execute guard;

  insert into public.hlf_sync_gate default values;
  insert into hlf_sync.project default values;
  insert into hlf_sync.days default values;
  insert into hlf_sync.pulse default values;
  delete from net.http_request_queue;
  delete from vault.secrets where name like 'hlf\_sync\_%';
  delete from cron.job_run_details
  where jobid in (select j.jobid from cron.job as j where j.jobname in (select own.jobname from hlf_sync.jobs() as own));
end
$test$;
comment on function hlf_tests.forget_everything() is 'Makes hlf-sync what it was when it was installed, but for the jobs.';

create function hlf_tests.create_world()
returns void
language plpgsql
set search_path = ''
-- Nobody need be told that Vault is empty.
set client_min_messages = 'error'
as $$
begin
  perform hlf_tests.use_app();
  perform hlf_tests.forget_everything();
  insert into hlf_tests.organisations (id, name) values
  (hlf_tests.organisation('c'), 'Organisation C'), (hlf_tests.organisation('d'), 'Organisation D');
  insert into public.hlf_sync_switches (organisation_id, is_enabled) values
  (hlf_tests.organisation('c'), true), (hlf_tests.organisation('d'), true);
  insert into hlf_tests.organisation_members (organisation_id, user_id, role) values
  (hlf_tests.organisation('c'), hlf_tests.persona('coordinator of c'), 'coordinator'),
  (hlf_tests.organisation('d'), hlf_tests.persona('coordinator of d'), 'coordinator'),
  (hlf_tests.organisation('c'), hlf_tests.persona('member of c'), 'member'),
  (hlf_tests.organisation('c'), hlf_tests.persona('former coordinator of c'), 'coordinator');
  delete from hlf_tests.organisation_members where user_id = hlf_tests.persona('former coordinator of c');
  insert into hlf_tests.mentors (id, organisation_id, full_name, status) values
  (hlf_tests.mentor('c1'), hlf_tests.organisation('c'), 'Test Testesen', 'active'),
  (hlf_tests.mentor('c2'), hlf_tests.organisation('c'), 'Prøve Prøvesen', 'active'),
  (hlf_tests.mentor('d1'), hlf_tests.organisation('d'), 'Liksom Liksomsen', 'active');
end
$$;
comment on function hlf_tests.create_world() is 'Two organisations, c and d, with mentors and one user of each kind, and nothing else.';

set local search_path = public, extensions;
select plan(1);
select has_table('hlf_tests', 'mentors', 'The tests have an app');
select * from finish();
commit;
