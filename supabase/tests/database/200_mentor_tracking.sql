begin;
set local search_path = public, extensions;
select plan(31);
select hlf_tests.create_world();
select vault.create_secret('http://function.example', 'hlf_sync_function_url')
where not exists (select from vault.secrets where name = 'hlf_sync_function_url');
select vault.create_secret('sb_secret_example', 'hlf_sync_secret_key')
where not exists (select from vault.secrets where name = 'hlf_sync_secret_key');

create function pg_temp.state(code text)
returns text
language sql
as $$
  select concat_ws(' ', generation, wanted_operation, triggered_by_event, case when due_at is not null then 'due' end)
  from public.hlf_sync_state where mentor_id = hlf_tests.mentor(code)
$$;
create function pg_temp.nudges()
returns bigint
language sql
as $$
  -- What comes next is as if in a transaction of its own.
  select set_config('hlf_sync.nudged', '', true);
  with sent as (delete from net.http_request_queue returning 1) select count(*) from sent
$$;
select pg_temp.nudges();

select is(pg_temp.state('c1'), '1 restore initial_sync due', 'A new mentor is due');

update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c1');
select is(pg_temp.state('c1'), '2 remove status_change:paused due', 'A status change bumps the generation');
select is(pg_temp.nudges(), 1::bigint, 'It nudges once');

update hlf_tests.mentors set full_name = 'Ny Nyesen', email = 'ny@example.org' where id = hlf_tests.mentor('c1');
select is(pg_temp.state('c1'), '2 remove status_change:paused due', 'A change of anything else does not');
select is(pg_temp.nudges(), 0::bigint, 'Nor does it nudge');

update hlf_tests.mentors set status = 'resigned';
select is(pg_temp.state('c1'), '3 remove status_change:resigned due', 'A bulk update bumps each');
select is(pg_temp.state('d1'), '2 remove status_change:resigned due', 'A bulk update bumps each');
select is(pg_temp.nudges(), 1::bigint, 'A bulk update nudges once');

select ok(
  not exists (select from net.http_request_queue where convert_from(body::text::bytea, 'UTF8') ~ 'Nyesen|example\.org'),
  'A nudge carries nothing of the mentor'
);

delete from hlf_tests.mentors where id = hlf_tests.mentor('c2');
select is(pg_temp.state('c2'), '3 remove status_change:deleted due', 'A deleted mentor is to be removed');

update hlf_tests.mentors set id = hlf_tests.mentor('d9') where id = hlf_tests.mentor('d1');
select is(pg_temp.state('d1'), '3 remove status_change:deleted due', 'A changed id: the old one is gone');
select is(pg_temp.state('d9'), '1 remove initial_sync due', 'A changed id: the new one has come');

update hlf_tests.mentors set organisation_id = hlf_tests.organisation('c') where id = hlf_tests.mentor('d9');
select is(
  (select organisation_id from public.hlf_sync_state where mentor_id = hlf_tests.mentor('d9')), hlf_tests.organisation('c'),
  'The state follows a mentor to another organisation'
);

delete from hlf_tests.organisations where id = hlf_tests.organisation('c');
select is(pg_temp.state('d9'), '3 remove status_change:deleted due', 'Mentors that go with their organisation are to be removed');

insert into hlf_tests.organisations (id, name) values (hlf_tests.organisation('c'), 'Organisation C');
insert into hlf_tests.mentors (id, organisation_id, full_name, status) values
(hlf_tests.mentor('c1'), hlf_tests.organisation('c'), 'Test Testesen', 'active');
truncate hlf_tests.mentors cascade;
select is(pg_temp.state('c1'), '6 remove status_change:deleted due', 'Truncated mentors are to be removed');

-- What the triggers do not see, the sweep finds.
set local session_replication_role = replica;
insert into hlf_tests.mentors (id, organisation_id, full_name, status) values
(hlf_tests.mentor('c1'), hlf_tests.organisation('c'), 'Test Testesen', 'active'),
(hlf_tests.mentor('c7'), hlf_tests.organisation('c'), 'Eldre Eldresen', 'paused');
set local session_replication_role = origin;
select is(hlf_sync.repair_state(), 2, 'The sweep mends what the triggers missed');
select is(pg_temp.state('c1'), '7 restore tracking_repair due', 'A missed change is due');
select is(pg_temp.state('c7'), '1 remove initial_sync due', 'A mentor without state gets one');
select is(hlf_sync.repair_state(), 0, 'Mended once, there is nothing left to mend');

-- A failing note must not fail the write.
alter table public.hlf_sync_state add constraint broken check (attempts < 0) not valid;
select lives_ok(
  $$update hlf_tests.mentors set status = 'active' where id = hlf_tests.mentor('c7')$$, 'A failing trigger does not fail the write'
);
alter table public.hlf_sync_state drop constraint broken;
update hlf_sync.days set began_at = now() where true;
select hlf_sync.repair_state();
select isnt_empty(
  $$select from public.hlf_sync_alerts where kind = 'tracking_failed' and closed_at is null$$,
  'The sweep mends it and raises an alert'
);

-- One row that cannot be written is left out and told, and does not keep the others from being mended.
select hlf_sync.repair_state();
set local session_replication_role = replica;
update hlf_tests.mentors set status = 'resigned' where true;
insert into hlf_tests.mentors (id, organisation_id, full_name, status) values
(hlf_tests.mentor('c8'), hlf_tests.organisation('c'), 'Ny Nyesen', 'paused'), (hlf_tests.mentor('c9'), hlf_tests.organisation('c'), 'Nyere Nyesen', 'paused');
set local session_replication_role = origin;
alter table public.hlf_sync_state add constraint broken check (mentor_id not in (hlf_tests.mentor('c7'), hlf_tests.mentor('c8'))) not valid;
select lives_ok('select hlf_sync.sweep()', 'The sweep lives');
select is(pg_temp.state('c1'), '8 remove tracking_repair due', 'It mends who can be mended');
select is(pg_temp.state('c9'), '1 remove initial_sync due', 'And notes who can be noted');
select hlf_sync.watch();
select isnt_empty(
  $$select from public.hlf_sync_alerts where kind = 'step_failed' and closed_at is null$$, 'Who is left out is told of'
);
alter table public.hlf_sync_state drop constraint broken;

-- A secret that cannot be called with fails no write: the change is noted, and the watchdog tells of the secret.
create function pg_temp.changed_with(secret_name text, value text)
returns text
language plpgsql
as $$
begin
  perform vault.update_secret(s.id, value) from vault.secrets as s where s.name = secret_name;
  update hlf_tests.mentors set status = 'active' where id = hlf_tests.mentor('c9');
  update public.hlf_sync_state set due_at = null where mentor_id = hlf_tests.mentor('c9');
  perform pg_temp.nudges();
  update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c9');
  return concat_ws(
    ' ', (select 'due' from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c9') and due_at is not null), pg_temp.nudges()
  );
end
$$;
select is(pg_temp.changed_with(secret_name, value), 'due 0', format('%s %s: the change is noted', secret_name, quote_literal(value)))
from (values
  ('hlf_sync_function_url', 'https://<ref>.supabase.co/functions/v1/hlf-sync'),
  ('hlf_sync_function_url', 'function.example'),
  ('hlf_sync_function_url', e'\u00a0'),
  ('hlf_sync_function_url', 'https://example.org:99999/')
) as unusable (secret_name, value);
select is(pg_temp.changed_with('hlf_sync_function_url', 'http://function.example'), 'due 1', 'Mended, the function is called');
select is(pg_temp.changed_with('hlf_sync_secret_key', e'sb_secret\nHost: x'), 'due 0', 'A key that would be two headers is not sent');

select * from finish();
rollback;
