-- What leaves the database: only to what pg_net takes for a URL, and in the form of whoever hosts the webhook.
begin;
set local search_path = public, extensions;
select plan(42);
select hlf_tests.create_world();
delete from vault.secrets where name like 'hlf_sync_%';

create function pg_temp.is_taken(url text)
returns boolean
language plpgsql
as $$
begin
  perform net.http_post(url := url, body := '{}'::jsonb);
  return true;
exception when others then
  return false;
end
$$;

-- Whatever is called callable, pg_net takes: one that it refuses would raise in whoever has something to tell.
select is(hlf_sync.is_callable_url(url), is_callable, format('%s is%s callable', quote_literal(url), case when is_callable then '' else ' not' end))
from (values
  ('https://hooks.slack.com/services/T0/B0/x', true),
  ('https://prod-1.westeurope.logic.azure.com:443/workflows/x/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ft&sig=a-_b', true),
  ('HTTPS://Example.org', true),
  ('http://127.0.0.1:54321/messages', true),
  ('http://[::1]:8000/x', true),
  ('http://user:word@example.org/', true),
  ('https://example.org?x=1', true),
  ('', false),
  ('hooks.slack.com/services/x', false),
  ('https//example.org', false),
  ('ftp://example.org/', false),
  ('"https://example.org/"', false),
  ('https://<ref>.supabase.co/functions/v1/hlf-sync', false),
  (e'https://example.org/x\n', false),
  (e'https://example.org/x\r', false),
  (e'\thttps://example.org/x', false),
  (e'\ufeffhttps://example.org/x', false),
  ('https://example.org/a b', false),
  ('https://', false),
  ('https:///x', false),
  ('https://example.org:65535/', true),
  ('https://example.org:00080/', true),
  ('https://user:99999@example.org/', true),
  ('https://example.org:65536/', false),
  ('https://example.org:99999/', false),
  ('https://example.org:port/', false),
  ('https://exa mple.org/', false)
) as cases (url, is_callable);
select is(
  (
    select array_agg(url) from unnest(array[
      'https://hooks.slack.com/services/T0/B0/x', 'HTTPS://Example.org', 'http://127.0.0.1:54321/messages', 'http://[::1]:8000/x',
      'http://user:word@example.org/', 'https://example.org?x=1', 'http://[::::]/', 'http://[1.2.3]/', 'http://a..b/', 'http://-a/',
      'http://example.org:0/', 'http://example.org:/', 'http://example.org/%zz', 'http://example.org/#x?y', 'http://.', 'http://..'
    ]) as url
    where hlf_sync.is_callable_url(url) and not pg_temp.is_taken(url)
  ), null, 'Nothing that is called callable is refused by pg_net'
);

-- Forms.
create function pg_temp.form(url text) returns text language sql as $$
  select case
    when body = '{"text": "Hei"}' then 'slack'
    when body #>> '{attachments,0,content,body,0,text}' = 'Hei' and body ->> 'type' = 'message'
      and body #>> '{attachments,0,contentType}' = 'application/vnd.microsoft.card.adaptive'
      and body #>> '{attachments,0,content,type}' = 'AdaptiveCard' then 'teams'
    when body = '{"text": "Hei", "kind": "x"}' then 'plain'
  end
  from (select hlf_sync.webhook_body(url, 'Hei', '{"kind": "x"}') as body) as made
$$;
select is(pg_temp.form(url), form, format('%s takes the form %s', url, form))
from (values
  ('https://hooks.slack.com/services/T0/B0/x', 'slack'),
  ('https://hooks.slack-gov.com/services/x', 'slack'),
  ('https://prod-1.westeurope.logic.azure.com:443/workflows/x', 'teams'),
  ('https://default0.0.environment.api.powerplatform.com:443/powerautomate/x', 'teams'),
  ('https://example.webhook.office.com/webhookb2/x', 'teams'),
  ('https://chat.example.org/hook', 'plain'),
  ('https://notslack.com/x', 'plain'),
  ('https://slack.com.example.org/x', 'plain'),
  ('https://example.org/?to=hooks.slack.com', 'plain')
) as cases (url, form);

-- A message that waits in the queue of a worker that stands still is not lost, and not sent twice.
select vault.create_secret('http://alerts.example', 'hlf_sync_alert_webhook_url');
delete from net.http_request_queue;
select hlf_sync.raise_alert('gate_stuck');
select hlf_tests.travel('10 minutes');
select hlf_sync.deliver_messages();
select is((select count(*) from net.http_request_queue), 1::bigint, 'What pg_net has not taken yet is not sent again');
delete from net.http_request_queue;
select hlf_sync.deliver_messages();
select is((select count(*) from net.http_request_queue), 1::bigint, 'What a crash has taken is');

-- A page of one's own.
select vault.create_secret('https://wiki.example/hlf-sync', 'hlf_sync_runbook_url');
select vault.create_secret('staging', 'hlf_sync_project_name');
select hlf_sync.raise_alert('dead_letters', 3);
select ok(
  (select m.message like '%(staging, since % It is about 3. %What to do: https://wiki.example/hlf-sync#dead\_letters'
    from hlf_sync.messages as m where m.subject = 'alert dead_letters'),
  'A message names the project, how many, and the page in Vault'
);
select is(
  (select array_agg(k.kind order by k.kind) from hlf_sync.alert_kinds as k where k.meaning !~ '\.$' or k.acts !~ '[A-Za-z]$'),
  null, 'Each kind has a sentence and somebody who acts'
);
delete from vault.secrets where name = 'hlf_sync_alert_webhook_url';
select lives_ok($$select hlf_sync.raise_alert('gate_stuck')$$, 'Without a webhook an alert is still noted');

select * from finish();
rollback;
