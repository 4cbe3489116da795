-- A copy of the database, with production's jobs and secrets, claims nothing and sends nothing until it is told that it is
-- a project of its own. A copy is made here by what tells it apart: another server, or another project's function.
begin;
set local search_path = public, extensions;
select plan(30);
select hlf_tests.create_world();
delete from vault.secrets where name like 'hlf_sync_%';
select vault.create_secret('http://function.example', 'hlf_sync_function_url');
select vault.create_secret('sb_secret_example', 'hlf_sync_secret_key');
select vault.create_secret('http://alerts.example', 'hlf_sync_alert_webhook_url');
select vault.create_secret('http://heart.example', 'hlf_sync_heartbeat_url');
update hlf_sync.project set url = null, server = null, is_foreign = false, request_id = null, is_unanswered = false;
delete from net.http_request_queue;

create function pg_temp.sent()
returns text
language sql
as $$
  select coalesce(string_agg(distinct substring(url from '//(\w+)'), ' '), '') from net.http_request_queue
$$;
create function pg_temp.minute()
returns text
language sql
as $$
  delete from net.http_request_queue;
  select hlf_sync.sweep();
  select hlf_sync.watch();
  select pg_temp.sent();
$$;
create function pg_temp.claimed(project_url text)
returns bigint
language sql
as $$
  update public.hlf_sync_state set due_at = now() - interval '1 second', in_flight_attempt_id = null where true;
  select count(*) from public.claim_hlf_sync_attempts(1, 60, 8, project_url => claimed.project_url)
$$;
-- What pg_net's worker does.
create function pg_temp.answer(status integer)
returns void
language sql
as $$
  with taken as (delete from net.http_request_queue returning id)
  insert into net._http_response (id, status_code, timed_out, created)
  select id, status, status is null, clock_timestamp() from taken
$$;
create function pg_temp.restart()
returns void
language sql
as $$
  update hlf_sync.project set server = 'the server before'
$$;

select is(pg_temp.minute(), 'function heart', 'A new installation sends before it knows its project');
select is(pg_temp.claimed('https://one.supabase.example'), 1::bigint, 'The first function to claim makes the database its own');
select is((select url from hlf_sync.project), 'https://one.supabase.example', 'Which notes it');
select is(pg_temp.minute(), 'function heart', 'It sends');
select is(pg_temp.claimed('https://one.supabase.example'), 1::bigint, 'And is claimed from');

-- Started anew, in place or as a copy.
select pg_temp.restart();
select hlf_sync.raise_alert('gate_stuck');
select is(pg_temp.sent(), 'function heart', 'After a start no message leaves');
select is(pg_temp.minute(), 'function', 'Nor a heartbeat');
select is(
  (select string_agg(distinct convert_from(body::text::bytea, 'UTF8')::jsonb ->> 'type', ' ') from net.http_request_queue),
  'identify', 'Only a question to the function'
);
update hlf_tests.mentors set status = 'paused' where id = hlf_tests.mentor('c1');
select is((select count(*) from net.http_request_queue), 1::bigint, 'A change of a mentor nudges nobody');

-- The function of the original, which works on the original's database, does not find the question there.
select pg_temp.answer(409);
select is(pg_temp.minute(), 'function', 'The answer says that this is a copy: it sends nothing but the question');
select isnt_empty(
  $$select from public.hlf_sync_alerts where kind = 'foreign_project' and closed_at is null$$, 'It knows it'
);
select is(pg_temp.claimed('https://two.supabase.example'), 0::bigint, 'A function that is put beside it claims nothing');
select is((select count(*) from public.claim_hlf_sync_attempts(1, 60, 8)), 0::bigint, 'Nor one that does not say whose it is');
select throws_ok($$select hlf_sync.set_project('two')$$, '22023', null, 'A project is told by its origin');
select hlf_sync.set_project('https://two.supabase.example');
select is_empty(
  $$select from public.hlf_sync_alerts where kind = 'foreign_project' and closed_at is null$$, 'Told that it is a project of its own'
);
select is(pg_temp.claimed('https://two.supabase.example'), 1::bigint, 'It is claimed from');
select is(pg_temp.claimed('https://one.supabase.example'), 0::bigint, 'By its own function only');
select is((select is_foreign from hlf_sync.project), true, 'A foreign one is noticed');
select is(pg_temp.claimed('https://two.supabase.example'), 1::bigint, 'And its own sets that right');
select is(pg_temp.minute(), 'alerts function heart', 'It sends what waited');

-- The original itself, started anew.
select pg_temp.restart();
select pg_temp.minute();
select is(
  public.confirm_hlf_sync_project('https://two.supabase.example', gen_random_uuid()), 'not asked here',
  'A question that another database asked is not known'
);
select is(
  public.confirm_hlf_sync_project('https://one.supabase.example', (select question from hlf_sync.project)), 'foreign',
  'The function of another project confirms nothing'
);
select is(
  public.confirm_hlf_sync_project('https://two.supabase.example', (select question from hlf_sync.project)), 'confirmed',
  'Its own confirms it by itself'
);
select is(pg_temp.minute(), 'function heart', 'And it goes on');

-- Who cannot be asked is not taken for a copy: a message too many is better than silence.
select pg_temp.restart();
delete from hlf_sync.messages;
select pg_temp.minute();
select hlf_sync.raise_alert('audit_gap');
select is(pg_temp.sent(), 'function', 'While the answer may still come nothing is sent');
select pg_temp.answer(503);
select is(pg_temp.minute(), 'alerts function heart', 'A function that answers nothing usable keeps nobody from being told');
select pg_temp.restart();
update hlf_sync.project set is_unanswered = false;
select pg_temp.minute();
delete from net.http_request_queue;
select hlf_tests.travel('3 minutes');
select is(pg_temp.minute() like '%function heart', true, 'Nor does a question that was lost');
delete from vault.secrets where name = 'hlf_sync_function_url';
select pg_temp.restart();
update hlf_sync.project set is_unanswered = false, request_id = null;
select is(pg_temp.minute() like '%heart', true, 'Nor a URL that is missing');
select is(hlf_sync.may_send(), true, 'It may send');
update hlf_sync.project set is_foreign = true;
select is(hlf_sync.may_send(), false, 'What is known to be a copy never does');

select * from finish();
rollback;
