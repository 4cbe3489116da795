begin;
set local search_path = public, extensions;
select plan(39);
select hlf_tests.create_world();
insert into hlf_tests.mentors (id, organisation_id, full_name, status)
select hlf_tests.mentor('e' || n), hlf_tests.organisation('c'), 'Oppdiktet ' || n, 'active' from generate_series(1, 9) as n;
insert into hlf_tests.mentors (id, organisation_id, full_name, status)
select hlf_tests.mentor('f' || n), hlf_tests.organisation('c'), 'Oppdiktet f' || n, 'active' from generate_series(1, 9) as n;
insert into hlf_tests.mentors (id, organisation_id, full_name, status)
select hlf_tests.mentor('a' || n), hlf_tests.organisation('c'), 'Oppdiktet a' || n, 'active' from generate_series(1, 9) as n;
update public.hlf_sync_state set due_at = null, confirmed_operation = 'restore', confirmed_generation = generation;

create function pg_temp.ask(codes text[])
returns void
language sql
as $$
  -- Whatever it was, it is another one now, and so to be removed anew.
  update hlf_tests.mentors set status = case status when 'paused' then 'resigned' else 'paused' end where id = any (array(select hlf_tests.mentor(c) from unnest(codes) as c))
$$;
create function pg_temp.claim(codes text[], max_attempts integer default 8)
returns void
language plpgsql
as $$
declare
  code text;
begin
  foreach code in array codes loop
    update public.hlf_sync_state set due_at = now() where mentor_id = hlf_tests.mentor(code) and due_at is not null;
    perform public.claim_hlf_sync_attempts(1, 60, max_attempts, hlf_tests.mentor(code));
  end loop;
end
$$;
-- Settles what is in flight of these mentors, in one call.
create function pg_temp.settle(codes text[], error text)
returns text
language sql
as $$
  select string_agg(distinct outcome::text, ' ')
  from public.settle_hlf_sync_attempts(
    array(select s.in_flight_attempt_id from unnest(codes) as c join public.hlf_sync_state as s on s.mentor_id = hlf_tests.mentor(c)),
    array(select case when error is null then 'success' else 'failure' end::hlf_sync_outcome from unnest(codes)),
    array(select case when error is null then 204 else 400 end from unnest(codes)),
    array(select error from unnest(codes)),
    array(select 5::double precision from unnest(codes))
  )
$$;
create function pg_temp.refuse(codes text[], error text)
returns text
language plpgsql
as $$
begin
  perform pg_temp.claim(codes);
  return pg_temp.settle(codes, error);
end
$$;
create function pg_temp.gate()
returns text
language sql
as $$
  select case when closed_until > clock_timestamp() then reason else 'open' end from public.hlf_sync_gate
$$;
create function pg_temp.dead()
returns text
language sql
as $$
  select coalesce(string_agg(right(mentor_id::text, 2), ' ' order by mentor_id), '')
  from public.hlf_sync_state where dead_lettered_at is not null
$$;
create function pg_temp.begin_anew()
returns void
language sql
as $$
  delete from hlf_sync.attempts;
  delete from public.hlf_coordinator_notifications;
  delete from public.hlf_sync_alerts;
  update public.hlf_sync_gate set closed_until = '-infinity', reason = null, last_confirmed_at = null;
  update public.hlf_sync_state set due_at = null, in_flight_attempt_id = null, refused_since = null, refusals = 0,
    attempts = 0, uncounted_attempts = 0, dead_lettered_at = null, last_error = null, confirmed_generation = generation;
$$;
create function pg_temp.kinds()
returns text
language sql
as $$
  select coalesce(string_agg(kind, ' ' order by kind), '') from public.hlf_sync_alerts where closed_at is null
$$;

-- A refusal of one mentor, with nobody else about: a short series, then a dead letter of which its coordinators are told.
select pg_temp.ask('{c1}');
select is(pg_temp.refuse('{c1}', 'rejected code=0x0'), 'failure', 'A first refusal is a failure') from generate_series(1, 1);
select is(pg_temp.refuse('{c1}', 'rejected code=0x0'), 'failure', 'So is a second');
select is(pg_temp.refuse('{c1}', 'rejected code=0x0'), 'failure', 'And a third');
select is(pg_temp.gate(), 'open', 'The gate stays open for one mentor, however often refused');
select is(
  pg_temp.refuse('{c1}', 'rejected code=0x0 request=0f8fad5b-d9cb-469f-a165-70867728950e'), 'dead_lettered',
  'The fourth is a dead letter, and the settlement says so'
);
select is(pg_temp.dead(), 'c1', 'It is one in the state');
select is((select count(*) from public.hlf_coordinator_notifications where kind = 'dead_lettered'), 1::bigint, 'Its coordinators are told');
select results_eq(
  $$select outcome, retry_count from hlf_sync.attempts where mentor_id = hlf_tests.mentor('c1') order by attempt_id desc limit 1$$,
  $$values ('dead_lettered'::hlf_sync_outcome, 3)$$, 'And the attempts table writes the same into the log'
);

-- A second and a third with the same code, and nobody through: it comes to everybody, the first included.
select pg_temp.ask('{c2,d1}');
select pg_temp.refuse('{c2}', 'rejected code=0x0');
select is(pg_temp.gate(), 'open', 'Two refused mentors are no setting yet');
select pg_temp.refuse('{d1}', 'rejected code=0x0');
select is(pg_temp.gate(), 'settings', 'Three in a row with one code are');
select is(pg_temp.kinds(), 'dead_letters settings_rejected', 'The alert is open');
select is(pg_temp.dead(), '', 'Nobody is a dead letter for it, not even whoever was one before');
select results_eq(
  $$select distinct attempts - uncounted_attempts, refusals, due_at is not null from public.hlf_sync_state where refused_since is not null$$,
  'values (0, 0, true)', 'What was counted is taken back, and all are due'
);
select public.open_hlf_sync_gate('settings');
select pg_temp.refuse('{c2}', 'rejected code=0x0');
select is(pg_temp.gate(), 'settings', 'A probe that is refused as well closes it again');
select public.open_hlf_sync_gate('settings');
select pg_temp.refuse('{c1,c2,d1}', null);
select is(pg_temp.gate() || ' ' || pg_temp.kinds(), 'open dead_letters', 'Whoever gets through ends the alert');

-- Different codes, or others who get through, are no setting.
select pg_temp.begin_anew();
select pg_temp.ask('{e1,e2,e3,e4}');
select pg_temp.refuse('{e1}', 'rejected code=0x0');
select pg_temp.refuse('{e2}', 'rejected code=0x80048d19');
select pg_temp.refuse('{e3}', 'rejected code=0x8006088a');
select is(pg_temp.gate(), 'open', 'Three different codes are three causes');
select pg_temp.refuse('{e4}', null);
select pg_temp.refuse('{e1,e2,e3}', 'rejected code=0x0');
select is(pg_temp.gate(), 'open', 'After somebody else got through, refusals are the mentors'' own');

-- Codes of plug-ins and single records need many more.
select pg_temp.begin_anew();
select pg_temp.ask('{f1,f2,f3,f4,f5,f6,f7,f8,f9,a1}');
select pg_temp.refuse('{f1,f2,f3,f4,f5,f6,f7,f8,f9}', 'rejected code=0x80040265');
select is(pg_temp.gate(), 'open', 'Nine mentors refused by a plug-in may have nine reasons');
select pg_temp.refuse('{a1}', 'rejected code=0x80040265');
select is(pg_temp.gate(), 'settings', 'Ten have one');

-- By definition about one record, or about its state.
select pg_temp.begin_anew();
select pg_temp.ask('{a2,a3,a4,a5}');
select pg_temp.refuse('{a2,a3,a4}', e)
from unnest(array['forbidden code=0x80048306', 'precondition_failed code=0x80040333', 'forbidden code=0x80048306']) as e;
select is(pg_temp.gate() || pg_temp.kinds(), 'open', 'Codes about one record never close the gate');
select is(pg_temp.refuse('{a2,a3,a4}', 'precondition_failed'), 'dead_lettered', 'They count from the first on');

-- 403 of everybody: nobody is counted, the gate closes at once where nobody else is under way.
select pg_temp.begin_anew();
select pg_temp.ask('{c1,c2}');
select pg_temp.refuse('{c1}', 'forbidden code=0x80040220') from generate_series(1, 1);
select is(pg_temp.gate() || ' ' || pg_temp.kinds(), 'credentials credentials_rejected', 'A 403 while nobody gets through closes the gate');
select public.open_hlf_sync_gate('credentials');
select pg_temp.refuse('{c1}', 'forbidden') from generate_series(1, 1);
select is(pg_temp.gate(), 'credentials', 'Again after a probe');
select public.open_hlf_sync_gate('credentials');
select results_eq(
  format('select attempts, uncounted_attempts, refusals from public.hlf_sync_state where mentor_id = %L', hlf_tests.mentor('c1')),
  'values (2, 2, 0)', 'Nothing is counted'
);
select ok(
  (select due_at < clock_timestamp() + interval '61 seconds' from public.hlf_sync_state where mentor_id = hlf_tests.mentor('c1')),
  'And nobody waits for hours when it is over'
);
select results_eq(
  'select mentor_id from public.claim_hlf_sync_attempts(1, 60, 8)', $$values (hlf_tests.mentor('c2'))$$,
  'The next probe is somebody who was not refused, due later though they be'
);
select pg_temp.settle('{c2}', null);
select is(pg_temp.kinds(), '', 'Somebody got through');

-- From now on it is this listing's own.
select is(pg_temp.refuse('{c1}', 'forbidden code=0x80040220'), 'failure', 'Then a 403 is this listing''s own and counts');
select is(pg_temp.gate() || pg_temp.kinds(), 'open', 'It closes nothing and alarms nobody');
select pg_temp.refuse('{c1}', 'forbidden') from generate_series(1, 1);
select pg_temp.refuse('{c1}', 'forbidden') from generate_series(1, 1);
select is(pg_temp.refuse('{c1}', 'forbidden'), 'dead_lettered', 'The fourth that counts is a dead letter');
select is(pg_temp.gate() || ' ' || pg_temp.kinds(), 'open dead_letters', 'That is what is told');

-- While others are under way they have the word.
select pg_temp.begin_anew();
select pg_temp.ask('{a6,a7,a8}');
select pg_temp.claim('{a6,a7,a8}');
select pg_temp.settle('{a6,a7}', 'forbidden');
select is(pg_temp.gate() || pg_temp.kinds(), 'open', 'Two are refused, the third is still under way: nobody knows yet');
select pg_temp.settle('{a8}', null);
select is(pg_temp.gate() || pg_temp.kinds(), 'open', 'It gets through, so the two are on their own');
select pg_temp.begin_anew();
select pg_temp.ask('{a6,a7,a8}');
select pg_temp.claim('{a6,a7,a8}');
select pg_temp.settle('{a6,a7}', 'forbidden');
select pg_temp.settle('{a8}', 'forbidden');
select is(pg_temp.gate(), 'credentials', 'Refused as well, it closes the gate');

-- What was under way already says nothing: it may have been carried out before the role was taken away.
select pg_temp.begin_anew();
select pg_temp.ask('{a6,a7}');
select pg_temp.claim('{a6,a7}');
select pg_temp.settle('{a7}', 'forbidden');
select pg_temp.settle('{a6}', null);
select pg_temp.refuse('{a7}', 'forbidden') from generate_series(1, 1);
select is(pg_temp.gate(), 'credentials', 'A success that was claimed before does not make a 403 the listing''s own');
-- But who was claimed in the same moment was asked for in the same moment.
select pg_temp.begin_anew();
select pg_temp.ask('{a6,a7}');
select public.claim_hlf_sync_attempts(2, 60, 8);
select pg_temp.settle('{a7}', 'forbidden');
select pg_temp.settle('{a6}', null);
select pg_temp.refuse('{a7}', 'forbidden') from generate_series(1, 1);
select is(pg_temp.gate(), 'open', 'One that was claimed together with it does');

-- Rejected credentials count for nobody either, and leave no long wait.
select pg_temp.begin_anew();
select pg_temp.ask('{a9}');
update public.hlf_sync_state set attempts = 7 where mentor_id = hlf_tests.mentor('a9');
select pg_temp.claim('{a9}');
select public.settle_hlf_sync_attempts(
  array(select in_flight_attempt_id from public.hlf_sync_state where mentor_id = hlf_tests.mentor('a9')),
  '{failure}', '{401}', '{credentials_rejected}', '{21600}'
);
select ok(
  (select due_at < clock_timestamp() + interval '61 seconds' and uncounted_attempts = 1
   from public.hlf_sync_state where mentor_id = hlf_tests.mentor('a9')),
  'A mentor whose probe was rejected is due within a minute'
);

-- A throttle holds an hour at most.
select public.close_hlf_sync_gate('throttled', 999999999);
select ok((select closed_until <= clock_timestamp() + interval '1 hour' from public.hlf_sync_gate), 'No throttle holds longer than an hour');
select results_eq('select * from public.admit_hlf_sync_request()', $$values (false, 'throttled'::text)$$, 'Nor may anything else be asked meanwhile');

select * from finish();
rollback;
