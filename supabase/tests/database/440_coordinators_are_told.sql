-- Coordinators are told without looking: how many, never who; to their own webhook before that of all; recovery, too.
begin;
set local search_path = public, extensions;
select plan(24);
select hlf_tests.create_world();
update public.hlf_sync_state set due_at = null, confirmed_generation = generation, confirmed_operation = wanted_operation,
  confirmed_at = now() - interval '1 minute';
delete from public.hlf_coordinator_notifications;
delete from vault.secrets where name like 'hlf_sync_%';
select vault.create_secret('https://all.example/hook', 'hlf_sync_coordinator_webhook_url');
select vault.create_secret('https://c.example/hook', 'hlf_sync_coordinator_webhook_url:' || hlf_tests.organisation('c'));
select vault.create_secret('https://console.example/', 'hlf_sync_console_url');
delete from net.http_request_queue;

-- A round, ten minutes after the last digest at least; what was sent arrives, and is returned.
create function pg_temp.told()
returns text
language plpgsql
as $$
declare
  told text;
begin
  perform hlf_tests.travel('16 minutes');
  perform hlf_sync.tell_coordinators();
  with taken as (delete from net.http_request_queue returning id, url, body), answered as (
    insert into net._http_response (id, status_code, timed_out, created) select id, 200, false, clock_timestamp() from taken
  )
  select string_agg(url || ' ' || (convert_from(body::text::bytea, 'UTF8')::jsonb ->> 'text'), e'\n' order by url) into told from taken;
  perform hlf_sync.deliver_messages();
  return coalesce(told, '');
end
$$;
create function pg_temp.dead_letter(code text)
returns void
language sql
as $$
  update public.hlf_sync_state set dead_lettered_at = now(), last_error = 'rejected', confirmed_generation = null
  where mentor_id = hlf_tests.mentor(code);
  insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind, created_at)
  values (hlf_tests.organisation(left(code, 1)), hlf_tests.mentor(code), 'dead_lettered', clock_timestamp());
$$;

select is(pg_temp.told(), '', 'Nothing is told while all is well');
select pg_temp.dead_letter('c1');
select pg_temp.dead_letter('d1');
create temporary table first_digest as select pg_temp.told() as text;
select matches((select text from first_digest), 'https://c\.example/hook Organisation C: 1 må følges opp', 'An organisation''s own webhook comes first');
select matches((select text from first_digest), 'https://all\.example/hook Organisation D: 1 må følges opp', 'Before that of all');
select matches((select text from first_digest), '1 need attention', 'In English, too');
select ok(
  position('https://console.example/#/?org=' || hlf_tests.organisation('c') in (select text from first_digest)) > 0
  and position('https://console.example/#/?org=' || hlf_tests.organisation('d') in (select text from first_digest)) > 0,
  'Each with a link to the page, to the organisation that it is about'
);
select doesnt_match((select text from first_digest), 'Test|Prøve|Liksom|Testesen|Prøvesen|Liksomsen', 'It names nobody');
select is(
  (select count(*) from hlf_sync.messages as m, hlf_tests.mentors as p
    where position(p.id::text in m.message || m.details::text) > 0), 0::bigint, 'Not even by an id'
);
select is(pg_temp.told(), '', 'It is told once');
select pg_temp.dead_letter('c2');
select matches(pg_temp.told(), 'Organisation C: 2 må', 'And again when there are more');
select pg_temp.dead_letter('c1');
select matches(pg_temp.told(), 'Organisation C: 2 må', 'A new refusal of one who is stuck is news');

-- The night tries once more, in vain.
select is(pg_temp.told(), '', 'All told so far');
select hlf_sync.set_alert('dead_letters', true);
create temporary table notified as select count(*) from public.hlf_coordinator_notifications;
select hlf_sync.request_sync(
  array[row(hlf_tests.mentor('c1'), hlf_tests.organisation('c'), 'restore', 'nightly_reconciliation', null)::hlf_sync.sync_request]
);
select hlf_sync.watch_state();
select is(pg_temp.told(), '', 'A dead letter that the night tries once more is still one to its coordinators');
select is((select count(*) from public.hlf_sync_alerts where kind = 'dead_letters' and closed_at is not null), 0::bigint,
  'The alert has not closed for it');
do $$
declare
  attempt record;
begin
  select * into attempt from hlf_sync.claim_attempts(10, 60, 8, array[hlf_tests.mentor('c1')]);
  perform hlf_sync.settle_attempts(array[attempt.attempt_id], array['dead_lettered'::public.hlf_sync_outcome],
    array[404], array['listing_not_found'], array[null::double precision]);
end
$$;
select is((select count(*) from public.hlf_coordinator_notifications), (select count from notified), 'The same refusal notifies nobody again');
select is(pg_temp.told(), '', 'Nor does it make a digest');

-- Recovery.
update public.hlf_sync_state set dead_lettered_at = null, confirmed_generation = generation, confirmed_at = now()
where organisation_id = hlf_tests.organisation('c');
select matches(pg_temp.told(), 'https://c\.example/hook Organisation C: Ingen må følges opp lenger\. / Nobody needs attention any longer\.', 'Recovery is told');
select is(pg_temp.told(), '', 'Once');

-- Certifications.
insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind, created_at) values
(hlf_tests.organisation('c'), hlf_tests.mentor('c1'), 'certification_reminder', clock_timestamp()),
(hlf_tests.organisation('c'), hlf_tests.mentor('c2'), 'certification_reminder', clock_timestamp()),
(hlf_tests.organisation('c'), hlf_tests.mentor('c2'), 'certification_expired', clock_timestamp());
select matches(pg_temp.told(), 'Certifications expired: 1\. Certifications that expire soon: 2\.', 'Reminders and expiries are counted');
select is(pg_temp.told(), '', 'And told once');

-- What was noted before the last digest, and committed after it; two connections play it in tests/postgres.
insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind, created_at) values
(hlf_tests.organisation('c'), hlf_tests.mentor('c1'), 'certification_expired', now() - interval '1 hour');
select matches(pg_temp.told(), 'Certifications expired: 1\.', 'What the last digest did not see is in the next one');
select is(pg_temp.told(), '', 'Once');
-- Somebody who has never been told.
delete from hlf_sync.messages where subject = 'organisation ' || hlf_tests.organisation('c');
insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind, created_at) values
(hlf_tests.organisation('c'), hlf_tests.mentor('c1'), 'certification_expired', now() - interval '2 days');
select is(pg_temp.told(), '', 'The first digest does not begin with what is over a day old');

update public.hlf_sync_switches set is_enabled = false where organisation_id = hlf_tests.organisation('d');
update public.hlf_sync_state set dead_lettered_at = null where mentor_id = hlf_tests.mentor('d1');
select is(pg_temp.told(), '', 'An organisation that is switched off is left in peace');
delete from vault.secrets where name like 'hlf_sync_coordinator%';
select pg_temp.dead_letter('c1');
select is(pg_temp.told(), '', 'So is one without a webhook');

select * from finish();
rollback;
