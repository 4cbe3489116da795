-- pg_net and Vault: how the database wakes the function and sends alerts, without a URL or a key in any migration.
-- Hosted Supabase has both extensions; where one is not available, something with the same signatures must be there.
-- Either may raise at any time (a URL that libcurl does not parse, a privilege that went missing, a backup that Vault
-- cannot decrypt). Each is asked in one place, which catches: a notice never fails the thing that it is about.

do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_net') then
    create extension if not exists pg_net with schema extensions;
  elsif to_regprocedure('net.http_post(text,jsonb,jsonb,jsonb,integer)') is null then
    raise exception 'pg_net is not available, and nothing stands in for it';
  end if;
  if exists (select from pg_catalog.pg_available_extensions where name = 'supabase_vault') then
    create extension if not exists supabase_vault with schema vault;
  elsif to_regclass('vault.decrypted_secrets') is null then
    raise exception 'supabase_vault is not available, and nothing stands in for it';
  end if;
end
$$;

create function hlf_sync.secret(secret_name text)
returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  -- A line break or a byte order mark around a pasted value is no part of it.
  return (
    select nullif(btrim(s.decrypted_secret, e' \t\r\n\f\u000b\u00a0\u200b\ufeff'), '')
    from vault.decrypted_secrets as s
    where s.name = secret_name
  );
exception when others then
  raise warning 'hlf-sync: the secret % cannot be read (%)', secret_name, sqlstate;
  return null;
end
$$;
comment on function hlf_sync.secret(text) is
  'A secret of Vault by its name, without white space around it; null when it is missing, empty or cannot be decrypted.';

create function hlf_sync.is_callable_url(url text)
returns boolean
language sql
immutable
strict
parallel safe
set search_path = ''
as $$
  -- A scheme, a host, perhaps a port, and then printable characters that RFC 3986 knows: libcurl refuses the rest.
  select url ~* '^https?://([^][:space:][:cntrl:]/?#@<>"\\^`{|}]+@)?([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,2})?::([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,3})?)\])(:[0-9]{1,5})?([/?#][][a-z0-9._~%!$&''()*+,;=:@/?#-]*)?$'
    and coalesce(substring(url from '^[^/]*//[^/?#]*:([0-9]{1,5})(?:[/?#]|$)')::integer, 0) < 65536
$$;
comment on function hlf_sync.is_callable_url(text) is 'Whether a text is a URL that pg_net takes.';

create function hlf_sync.callable_url(secret_name text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select s.url from (select hlf_sync.secret(secret_name) as url) as s where hlf_sync.is_callable_url(s.url)
$$;
comment on function hlf_sync.callable_url(text) is 'A secret of Vault that is a URL; null when there is none that can be called.';

create function hlf_sync.secret_key()
returns text
language sql
stable
security definer
set search_path = ''
as $$
  -- A header's value must not break the line: what follows would be another header.
  select s.key from (select hlf_sync.secret('hlf_sync_secret_key') as key) as s where s.key ~ '^[!-~]+$'
$$;
comment on function hlf_sync.secret_key() is 'The key that the function is called with; null when there is none that fits a header.';

create function hlf_sync.unusable_secrets()
returns setof text
language sql
stable
security definer
set search_path = ''
as $$
  select 'hlf_sync_secret_key'
  where hlf_sync.secret_key() is null
  union all
  select required.secret_name
  from unnest(array['hlf_sync_function_url', 'hlf_sync_alert_webhook_url']) as required (secret_name)
  where hlf_sync.callable_url(required.secret_name) is null
  union all
  select optional.secret_name
  from unnest(array['hlf_sync_heartbeat_url', 'hlf_sync_coordinator_webhook_url']) as optional (secret_name)
  where hlf_sync.secret(optional.secret_name) is not null and hlf_sync.callable_url(optional.secret_name) is null
$$;
comment on function hlf_sync.unusable_secrets() is
  'Names in Vault that are missing, cannot be decrypted or are no URL (no key); optional ones only when they are there.';

create function hlf_sync.post_json(url text, body jsonb, headers jsonb default '{}')
returns bigint
language plpgsql
security definer
set search_path = ''
-- An upgrade of pg_net locks its queue; nobody's write is to wait for that.
set lock_timeout = '1s'
as $$
begin
  -- pg_net sends after the commit, so a rolled-back change is never announced.
  return net.http_post(
    url := url,
    body := body,
    headers := '{"Content-Type": "application/json"}'::jsonb || headers,
    timeout_milliseconds := 5000
  );
exception when others then
  raise warning 'hlf-sync: a request could not be queued (%)', sqlstate;
  return null;
end
$$;
comment on function hlf_sync.post_json(text, jsonb, jsonb) is
  'Queues a POST with pg_net, which sends it once, after the commit; its id, or null when pg_net does not take it.';

create function hlf_sync.project_name()
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select coalesce(
    hlf_sync.secret('hlf_sync_project_name'),
    substring(hlf_sync.secret('hlf_sync_function_url') from '^https?://([^/?#]+)'),
    current_database()
  )
$$;
comment on function hlf_sync.project_name() is
  'What messages call this project: hlf_sync_project_name in Vault, or the host of the function.';

create table hlf_sync.messages (
  subject text primary key,
  secret_name text not null,
  state text not null,
  affected_count integer,
  message text not null,
  details jsonb not null,
  written_at timestamptz not null default now(),
  tries integer not null default 0,
  queued_at timestamptz,
  request_id bigint,
  last_status integer,
  delivered_at timestamptz
);
comment on table hlf_sync.messages is
  'The newest message about each subject (an alert kind, or an organisation); sent until a webhook has answered 2xx.';
comment on column hlf_sync.messages.secret_name is 'Whose URL in Vault it goes to.';
comment on column hlf_sync.messages.state is 'What it says: open or over; for an organisation, a digest.';
comment on column hlf_sync.messages.queued_at is
  'By the clock, when pg_net was last asked: its ids begin anew after a crash, so an older answer is another request''s.';
comment on column hlf_sync.messages.request_id is 'Of pg_net, while its answer is awaited.';
comment on column hlf_sync.messages.last_status is 'HTTP status of the last answer; null when there was none.';
revoke all on hlf_sync.messages from public, anon, authenticated, service_role;

create function hlf_sync.webhook_body(url text, message text, details jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select case
    when host ~* '(^|\.)slack(-gov)?\.com$' then jsonb_build_object('text', message)
    when host ~* '(^|\.)(logic\.azure\.(com|us)|powerplatform\.com|powerautomate\.com|office\.com)$' then jsonb_build_object(
      'type', 'message',
      'attachments', jsonb_build_array(jsonb_build_object(
        'contentType', 'application/vnd.microsoft.card.adaptive',
        'contentUrl', null,
        'content', jsonb_build_object(
          '$schema', 'http://adaptivecards.io/schemas/adaptive-card.json',
          'type', 'AdaptiveCard',
          'version', '1.2',
          'body', jsonb_build_array(jsonb_build_object('type', 'TextBlock', 'text', message, 'wrap', true))
        )
      ))
    )
    else jsonb_build_object('text', message) || details
  end
  from (select substring(url from '^[^:]*://(?:[^/?#@]*@)?([^/:?#]+)') as host) as target
$$;
comment on function hlf_sync.webhook_body(text, text, jsonb) is
  'A message in the form of whoever hosts the webhook: Slack''s text, an adaptive card for Teams'' workflows, else the '
  'text with its details. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks '
  'https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using';

create function hlf_sync.send_message(subject text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  message hlf_sync.messages;
  url text;
  request bigint;
begin
  select m.* into message from hlf_sync.messages as m where m.subject = send_message.subject;
  if not hlf_sync.may_send() then
    return;
  end if;
  url := hlf_sync.callable_url(message.secret_name);
  if url is not null then
    request := hlf_sync.post_json(url, hlf_sync.webhook_body(url, message.message, message.details));
  end if;
  if request is not null then
    update hlf_sync.messages as m
    set tries = m.tries + 1, queued_at = clock_timestamp(), request_id = request
    where m.subject = send_message.subject;
  end if;
end
$$;
comment on function hlf_sync.send_message(text) is 'Hands a message to pg_net once more; whether it arrived is found out later.';

create function hlf_sync.write_message(
  subject text, secret_name text, state text, affected_count integer, message text, details jsonb
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into hlf_sync.messages as m (subject, secret_name, state, affected_count, message, details)
  values (
    write_message.subject, write_message.secret_name, write_message.state, write_message.affected_count,
    write_message.message, write_message.details
  )
  on conflict on constraint messages_pkey do update set
    secret_name = excluded.secret_name, state = excluded.state, affected_count = excluded.affected_count,
    message = excluded.message, details = excluded.details, written_at = excluded.written_at,
    tries = 0, queued_at = null, request_id = null, last_status = null, delivered_at = null;
  perform hlf_sync.send_message(write_message.subject);
end
$$;
comment on function hlf_sync.write_message(text, text, text, integer, text, jsonb) is
  'Replaces the message about a subject, and sends it: only the newest is worth telling.';

create function hlf_sync.is_queued(request_id bigint)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (select from net.http_request_queue as q where q.id = is_queued.request_id);
exception when others then
  return false;
end
$$;
comment on function hlf_sync.is_queued(bigint) is
  'Whether pg_net still has a request in its queue: it is not lost then, and sending it again would tell twice.';

create function hlf_sync.deliver_messages()
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  message hlf_sync.messages;
  answer record;
  undelivered integer := 0;
begin
  -- Whom nobody wants to hear from any more has no webhook any more.
  delete from hlf_sync.messages as m
  where m.delivered_at is null and m.state = 'digest' and hlf_sync.secret(m.secret_name) is null;
  for message in
    select m.* from hlf_sync.messages as m where m.delivered_at is null order by m.subject for update skip locked
  loop
    if message.request_id is not null then
      select r.status_code into answer
      from net._http_response as r
      where r.id = message.request_id and r.created >= message.queued_at - interval '1 second';
      if found and answer.status_code between 200 and 299 then
        update hlf_sync.messages as m
        set delivered_at = now(), request_id = null, last_status = answer.status_code
        where m.subject = message.subject;
        continue;
      elsif found then
        update hlf_sync.messages as m
        set request_id = null, last_status = answer.status_code
        where m.subject = message.subject;
      elsif message.queued_at > now() - interval '2 minutes' or hlf_sync.is_queued(message.request_id) then
        -- Its answer may still come. What has none by then was lost with pg_net's queue, which a crash empties.
        undelivered := undelivered + 1;
        continue;
      end if;
    end if;
    undelivered := undelivered + 1;
    perform hlf_sync.send_message(message.subject);
  end loop;
  return undelivered;
end
$$;
comment on function hlf_sync.deliver_messages() is
  'Notes which messages have arrived, and sends the others again; how many have not arrived.';

create function hlf_sync.tell_of_alert(alert_kind text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  alert public.hlf_sync_alerts;
  told hlf_sync.messages;
  state text;
  details jsonb;
begin
  select a.* into alert
  from public.hlf_sync_alerts as a
  where a.kind = alert_kind
  order by a.closed_at is null desc, a.closed_at desc
  limit 1;
  select m.* into told from hlf_sync.messages as m where m.subject = 'alert ' || alert_kind;
  state := case when alert.closed_at is null then 'open' else 'over' end;

  if alert.id is null or (
    case state
      when 'open' then told.state = 'open'
        -- Told already: again after a day, or when it has become more of them, at most once an hour.
        and told.written_at > now() - interval '1 day'
        and (
          coalesce(alert.affected_count, 0) <= coalesce(told.affected_count, 0)
          or told.written_at > now() - interval '1 hour'
        )
      else told.state is distinct from 'open'
        -- What comes and goes is over once it has been gone for an hour.
        or (alert.reopened_at is not null and alert.closed_at > now() - interval '1 hour')
    end
  ) then
    return;
  end if;

  select jsonb_build_object(
    'project', hlf_sync.project_name(),
    'kind', alert.kind,
    'state', state,
    'opened_at', alert.opened_at,
    'closed_at', alert.closed_at,
    'affected_count', alert.affected_count,
    'meaning', k.meaning,
    'acts', k.acts,
    'page', coalesce(hlf_sync.callable_url('hlf_sync_runbook_url'), 'docs/reference/alerts.md') || '#' || alert.kind
  ) into details
  from hlf_sync.alert_kinds as k
  where k.kind = alert.kind;

  perform hlf_sync.write_message(
    'alert ' || alert.kind, 'hlf_sync_alert_webhook_url', state, alert.affected_count,
    case state
      when 'open' then format(
        'hlf-sync alert: %s (%s, since %s UTC). %s%s Who acts: %s. What to do: %s',
        alert.kind, details ->> 'project', to_char(alert.opened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
        details ->> 'meaning', case when alert.affected_count is null then '' else format(' It is about %s.', alert.affected_count) end, details ->> 'acts',
        details ->> 'page'
      )
      else format(
        'hlf-sync alert over: %s (%s, %s to %s UTC).', alert.kind, details ->> 'project',
        to_char(alert.opened_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
        to_char(alert.closed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
      )
    end,
    details
  );
end
$$;
comment on function hlf_sync.tell_of_alert(text) is
  'Writes the message that an alert wants: when it opens, again daily and when it grows, and when it is over.';

create function hlf_sync.raise_alert(alert_kind text, affected_count integer default null)
returns void
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1s'
as $$
declare
  last_id uuid;
begin
  -- A kind that comes back within an hour is the same alert.
  select a.id into last_id
  from public.hlf_sync_alerts as a
  where a.kind = alert_kind and (a.closed_at is null or a.closed_at > now() - interval '1 hour')
  order by a.closed_at is null desc, a.closed_at desc
  limit 1;
  if last_id is null then
    insert into public.hlf_sync_alerts (kind, affected_count)
    values (alert_kind, raise_alert.affected_count)
    on conflict (kind) where closed_at is null do nothing;
  else
    update public.hlf_sync_alerts as a set
      closed_at = null,
      reopened_at = case when a.closed_at is null then a.reopened_at else now() end,
      last_seen_at = now(),
      affected_count = coalesce(raise_alert.affected_count, a.affected_count)
    where a.id = (
      -- A transaction that is writing this alert now says the same; waiting for it could end in a deadlock.
      select l.id from public.hlf_sync_alerts as l where l.id = last_id for update skip locked
    );
  end if;
  perform hlf_sync.tell_of_alert(alert_kind);
exception when deadlock_detected or lock_not_available then
  raise warning 'hlf-sync: the alert % is noted by the next round (%)', alert_kind, sqlstate;
end
$$;
comment on function hlf_sync.raise_alert(text, integer) is
  'Opens the alert of a kind, or notes that it was seen again, and has it told. Its row stands whatever the sending does.';

create function hlf_sync.close_alert(alert_kind text)
returns void
language plpgsql
security definer
set search_path = ''
set lock_timeout = '1s'
as $$
begin
  update public.hlf_sync_alerts as a set closed_at = now()
  where a.id = (
    select l.id from public.hlf_sync_alerts as l where l.kind = alert_kind and l.closed_at is null for update skip locked
  );
  if found then
    perform hlf_sync.tell_of_alert(alert_kind);
  end if;
exception when deadlock_detected or lock_not_available then
  raise warning 'hlf-sync: the end of the alert % is noted by the next round (%)', alert_kind, sqlstate;
end
$$;
comment on function hlf_sync.close_alert(text) is 'Closes the open alert of a kind and has it told.';

create function hlf_sync.set_alert(alert_kind text, is_on boolean, affected_count integer default null)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if is_on then
    perform hlf_sync.raise_alert(alert_kind, set_alert.affected_count);
  else
    perform hlf_sync.close_alert(alert_kind);
  end if;
end
$$;
comment on function hlf_sync.set_alert(text, boolean, integer) is 'Opens or closes the alert of a kind; null closes it.';

create function hlf_sync.nudge(body jsonb)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  function_url constant text := hlf_sync.callable_url('hlf_sync_function_url');
  secret_key constant text := hlf_sync.secret_key();
begin
  if not hlf_sync.may_send() then
    -- The sweep asks whose database this is, and nudges once it knows.
    return null;
  end if;
  if function_url is null or secret_key is null then
    -- The watchdog raises the alert: one raised here would have all who change a mentor wait for each other.
    raise warning 'hlf-sync was not called: hlf_sync_function_url or hlf_sync_secret_key in Vault is missing or unusable';
    return null;
  end if;
  return hlf_sync.post_json(function_url, body, jsonb_build_object('apikey', secret_key));
end
$$;
comment on function hlf_sync.nudge(jsonb) is
  'Wakes the function; the id of the request, or null. A nudge carries no data: lost, doubled or late, it changes nothing.';
