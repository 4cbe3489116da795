begin;
set local search_path = public, extensions;
select plan(16);
select tests.create_world();
update public.hlf_sync_state set due_at = null;
update public.hlf_sync_gate set installed_at = now();
delete from public.hlf_nightly_runs;
delete from vault.secrets where name like 'hlf_sync_%';
select vault.create_secret('http://function.example', 'hlf_sync_function_url');
select vault.create_secret('sb_secret_example', 'hlf_sync_secret_key');
select vault.create_secret('http://alerts.example', 'hlf_sync_alert_webhook_url');
delete from public.hlf_sync_alerts;
delete from net.http_request_queue;

create function pg_temp.alerts(hours_from_now integer default 0)
returns text
language plpgsql
as $$
begin
  perform private.watch_hlf_sync(now() + make_interval(hours => hours_from_now));
  return (select coalesce(string_agg(kind, ' ' order by kind), '') from public.hlf_sync_alerts where closed_at is null);
end
$$;

select is(pg_temp.alerts(), '', 'All is well');
select is(pg_temp.alerts(25), '', 'A new installation has a day for its first night');
select is(pg_temp.alerts(27), 'nights_stopped', 'Then silence is noticed');
select is((select count(*) from net.http_request_queue), 1::bigint, 'The alert is sent');
select is(pg_temp.alerts(28), 'nights_stopped', 'It stays open');
select is((select count(*) from net.http_request_queue), 1::bigint, 'And is not sent again');
select is(
  (select convert_from(body::text::bytea, 'UTF8') like '%nights_stopped%' from net.http_request_queue), true,
  'It says which'
);
insert into public.hlf_nightly_runs (run_date, finished_at) values ('2027-03-01', now() + interval '27 hours');
select is(pg_temp.alerts(28), '', 'A finished night closes it');

update public.hlf_sync_state set due_at = now() where mentor_id = tests.mentor('c1');
select is(pg_temp.alerts(1), 'rows_overdue', 'A row that stays due is noticed');
update public.organisations set hlf_sync_enabled = false where id = tests.organisation('c');
select is(pg_temp.alerts(1), '', 'Not in an organisation that is switched off');

select public.close_hlf_sync_gate('throttled', 7200);
select is(pg_temp.alerts(0), '', 'A gate that was just closed is none of its business');
select is(pg_temp.alerts(1), 'gate_stuck', 'One that stays closed is');
select public.open_hlf_sync_gate('throttled');

delete from vault.secrets where name = 'hlf_sync_alert_webhook_url';
select is(pg_temp.alerts(), 'missing_secret', 'A missing secret is noticed');
select vault.create_secret('http://alerts.example', 'hlf_sync_alert_webhook_url');
select is(pg_temp.alerts(), '', 'And is over once it is there');

insert into public.hlf_sync_audit_seals (day, row_count, digest)
values ((now() at time zone 'UTC')::date - 2, 0, repeat('0', 64));
select is(pg_temp.alerts(), '', 'Days are sealed by the night after');
select is(pg_temp.alerts(25), 'seal_broken', 'A night without sealing is noticed');

select * from finish();
rollback;
