-- pg_net and Vault: how the database wakes the function and sends messages, without a URL or a key in any migration.
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

-- What a nudge calls is plpgsql, which keeps its plans: every transaction that changes a mentor pays for one.

create function hlf_sync.is_callable_url(url text)
returns boolean
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  -- A scheme, a host, perhaps a port, and then printable characters that RFC 3986 knows: libcurl refuses the rest.
  return url ~* '^https?://([^][:space:][:cntrl:]/?#@<>"\\^`{|}]+@)?([a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[(([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,2})?::([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,3})?)\])(:([0-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?#][][a-z0-9._~%!$&''()*+,;=:@/?#-]*)?$';
end
$$;
comment on function hlf_sync.is_callable_url(text) is 'Whether a text is a URL that pg_net takes.';

create function hlf_sync.callable_url(secret_name text)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  url constant text := hlf_sync.secret(secret_name);
begin
  return case when hlf_sync.is_callable_url(url) then url end;
end
$$;
comment on function hlf_sync.callable_url(text) is 'A secret of Vault that is a URL; null when there is none that can be called.';

create function hlf_sync.fits_header(value text)
returns boolean
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  return value ~ '^[!-~]+$';
end
$$;
comment on function hlf_sync.fits_header(text) is
  'Whether a text may be a header''s value: one that breaks the line would make another header of what follows.';

create function hlf_sync.secret_key()
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  key constant text := hlf_sync.secret('hlf_sync_secret_key');
begin
  return case when hlf_sync.fits_header(key) then key end;
end
$$;
comment on function hlf_sync.secret_key() is 'The key that the function is called with; null when there is none that fits a header.';

create function hlf_sync.unusable_secrets()
returns setof text
language sql
stable
set search_path = ''
as $$
  select 'hlf_sync_secret_key'
  where hlf_sync.secret_key() is null
  union all
  select s.secret_name
  from (values
    ('hlf_sync_function_url', true), ('hlf_sync_alert_webhook_url', true),
    ('hlf_sync_heartbeat_url', false), ('hlf_sync_coordinator_webhook_url', false)
  ) as s (secret_name, is_required)
  where hlf_sync.callable_url(s.secret_name) is null and (s.is_required or hlf_sync.secret(s.secret_name) is not null)
$$;
comment on function hlf_sync.unusable_secrets() is
  'Names in Vault that are missing, cannot be decrypted or are no URL (no key); optional ones only when they are there.';

create function hlf_sync.post_json(url text, body jsonb, headers jsonb default '{}')
returns bigint
language plpgsql
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

create function hlf_sync.answer_to(request_id bigint, queued_at timestamptz)
returns table (status_code integer)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select r.status_code
  from net._http_response as r
  -- pg_net's ids begin anew after a crash: an older answer is another request's.
  where r.id = request_id and r.created >= queued_at - interval '1 second';
end
$$;
comment on function hlf_sync.answer_to(bigint, timestamptz) is
  'What pg_net got for a request that it took at that time, by the clock: no row before an answer, and null where none came.';

create function hlf_sync.project_name()
returns text
language sql
stable
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

-- A database knows which project it belongs to. A copy (restored to another project, a branch, a base backup) has the jobs
-- and Vault's secrets of the original: without this it would alert the original's people and, beside a function of its own,
-- be a second writer on one Dynamics. So a server that was started anew sends nothing until the project's own function has
-- said that it works on this very database.

create table hlf_sync.project (
  id boolean primary key default true,
  url text,
  server text,
  is_foreign boolean not null default false,
  question uuid,
  request_id bigint,
  asked_at timestamptz,
  is_unanswered boolean not null default false,
  constraint there_is_one_row check (id)
);
comment on table hlf_sync.project is 'One row: which project this database belongs to, and whether it runs there.';
comment on column hlf_sync.project.url is
  'Origin of the project, as its function knows it: noted at the first claim; null before. Told by hlf_sync.set_project.';
comment on column hlf_sync.project.server is
  'The running server on which the project''s own function was last seen to work.';
comment on column hlf_sync.project.is_foreign is
  'The function that this database calls works on another one, or a function of another project works on this one.';
comment on column hlf_sync.project.question is
  'What the function is asked to look for in its own database; a copy''s is not there.';
comment on column hlf_sync.project.request_id is 'Of pg_net, while the answer is awaited.';
comment on column hlf_sync.project.asked_at is 'By the clock, not the transaction''s beginning.';
comment on column hlf_sync.project.is_unanswered is
  'The function gave no answer that would tell: then a message too many is better than silence.';
insert into hlf_sync.project default values;

create function hlf_sync.server_mark()
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  -- A copy keeps the system identifier and may keep the timeline, but none runs without having been started, to the microsecond.
  return current_database() || ' ' || extract(epoch from pg_catalog.pg_postmaster_start_time());
end
$$;
comment on function hlf_sync.server_mark() is 'What tells this running server and database from every other, a copy''s too.';

create function hlf_sync.may_send()
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select p.url is null or (not p.is_foreign and (p.server = hlf_sync.server_mark() or p.is_unanswered))
    from hlf_sync.project as p
  );
end
$$;
comment on function hlf_sync.may_send() is
  'Whether messages and nudges may leave: this is the project''s own database, or nothing is there that could tell.';

create function hlf_sync.is_own_project(project_url text)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  project hlf_sync.project;
begin
  select p.* into strict project from hlf_sync.project as p;
  if project_url is null then
    -- A person at a terminal, or a function of before: nothing is known of where they work.
    return not project.is_foreign;
  elsif project.url = project_url and not project.is_foreign and project.server = hlf_sync.server_mark() then
    return true;
  end if;

  -- Whoever says meanwhile that it is a project of its own comes wholly before or wholly after, with the alert's end.
  select p.* into strict project from hlf_sync.project as p for update;
  if project.url is null or project.url = project_url then
    update hlf_sync.project as p
    set url = project_url, server = hlf_sync.server_mark(), is_foreign = false, is_unanswered = false, request_id = null
    where p.id;
    perform hlf_sync.close_alert('foreign_project');
    return true;
  end if;
  update hlf_sync.project as p set is_foreign = true where not p.is_foreign;
  perform hlf_sync.raise_alert('foreign_project');
  return false;
end
$$;
comment on function hlf_sync.is_own_project(text) is
  'Whether the function of a project may work on this database. The first one to come makes it its own.';

create function hlf_sync.set_project(project_url text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if project_url !~ '^https?://[^/?#[:space:]]+$' then
    raise exception 'Cannot set the project: % is no origin such as https://<ref>.supabase.co', project_url
      using errcode = '22023';
  end if;
  update hlf_sync.project as p
  set url = project_url, server = hlf_sync.server_mark(), is_foreign = false, is_unanswered = false, request_id = null
  where p.id;
  perform hlf_sync.close_alert('foreign_project');
end
$$;
comment on function hlf_sync.set_project(text) is
  'Tells a copy that it is a project of its own from now on: it claims and sends again. To be called after Vault and the '
  'function''s settings are its own.';

create function hlf_sync.ask_for_project()
returns text
language plpgsql
set search_path = ''
as $$
declare
  project hlf_sync.project;
  answer record;
  function_url constant text := hlf_sync.callable_url('hlf_sync_function_url');
  new_question constant uuid := gen_random_uuid();
  request bigint;
begin
  select p.* into strict project from hlf_sync.project as p for update;
  if project.url is null then
    return 'unknown';
  elsif project.server = hlf_sync.server_mark() and not project.is_foreign then
    perform hlf_sync.close_alert('foreign_project');
    return 'confirmed';
  end if;

  if project.request_id is not null then
    select a.status_code into answer from hlf_sync.answer_to(project.request_id, project.asked_at) as a;
    if found and answer.status_code = 409 then
      update hlf_sync.project as p set is_foreign = true, is_unanswered = false, request_id = null where p.id;
      perform hlf_sync.raise_alert('foreign_project');
    elsif found or project.asked_at < now() - interval '2 minutes' then
      update hlf_sync.project as p set is_unanswered = true, request_id = null where p.id;
    else
      return 'asked';
    end if;
  end if;

  -- The one thing that a copy sends: a question that names nothing.
  if function_url is not null then
    request := hlf_sync.post_json(
      function_url,
      jsonb_build_object('type', 'identify', 'question', new_question),
      jsonb_build_object('apikey', coalesce(hlf_sync.secret_key(), ''))
    );
  end if;
  update hlf_sync.project as p set
    question = new_question, asked_at = clock_timestamp(), request_id = request,
    is_unanswered = p.is_unanswered or request is null
  where p.id;
  return 'asked';
end
$$;
comment on function hlf_sync.ask_for_project() is
  'Asks the function, after every start of the server, whether it works on this database, and reads its answer.';

create function hlf_sync.confirm_project(project_url text, question uuid)
returns text
language sql
security definer
set search_path = ''
as $$
  select case
    when not exists (select from hlf_sync.project as p where p.question = confirm_project.question) then 'not asked here'
    when hlf_sync.is_own_project(project_url) then 'confirmed'
    else 'foreign'
  end
$$;
comment on function hlf_sync.confirm_project(text, uuid) is
  'confirmed: this database asked, and the function is its own. not asked here: another database did. foreign.';

create function public.confirm_hlf_sync_project(project_url text, question uuid)
returns text
language sql
set search_path = ''
as $$
  select hlf_sync.confirm_project(project_url, question)
$$;
comment on function public.confirm_hlf_sync_project(text, uuid) is
  'For the function: whether the database that asked is the one that it works on.';

-- Messages are sent until they have arrived; nudges once.

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
comment on column hlf_sync.messages.queued_at is 'By the clock, when pg_net was last asked.';
comment on column hlf_sync.messages.request_id is 'Of pg_net, while its answer is awaited.';
comment on column hlf_sync.messages.last_status is 'HTTP status of the last answer; null when there was none.';

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
set search_path = ''
as $$
declare
  message hlf_sync.messages;
  url text;
  request bigint;
begin
  select m.* into message from hlf_sync.messages as m where m.subject = send_message.subject;
  url := hlf_sync.callable_url(message.secret_name);
  if url is not null and hlf_sync.may_send() then
    request := hlf_sync.post_json(url, hlf_sync.webhook_body(url, message.message, message.details));
  end if;
  update hlf_sync.messages as m
  set tries = m.tries + 1, queued_at = clock_timestamp(), request_id = request
  where m.subject = send_message.subject and request is not null;
end
$$;
comment on function hlf_sync.send_message(text) is 'Hands a message to pg_net once more; whether it arrived is found out later.';

create function hlf_sync.write_message(
  subject text, secret_name text, state text, affected_count integer, message text, details jsonb
)
returns void
language sql
set search_path = ''
as $$
  insert into hlf_sync.messages as m (subject, secret_name, state, affected_count, message, details)
  values (
    write_message.subject, write_message.secret_name, write_message.state, write_message.affected_count,
    write_message.message, write_message.details
  )
  on conflict on constraint messages_pkey do update set
    secret_name = excluded.secret_name, state = excluded.state, affected_count = excluded.affected_count,
    message = excluded.message, details = excluded.details, written_at = excluded.written_at,
    tries = 0, queued_at = null, request_id = null, last_status = null, delivered_at = null;
  select hlf_sync.send_message(write_message.subject)
$$;
comment on function hlf_sync.write_message(text, text, text, integer, text, jsonb) is
  'Replaces the message about a subject, and sends it: only the newest is worth telling.';

create function hlf_sync.is_queued(request_id bigint)
returns boolean
language plpgsql
stable
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
      select a.status_code into answer from hlf_sync.answer_to(message.request_id, message.queued_at) as a;
      if found then
        update hlf_sync.messages as m set
          delivered_at = case when answer.status_code between 200 and 299 then now() end,
          request_id = null, last_status = answer.status_code
        where m.subject = message.subject;
        continue when answer.status_code between 200 and 299;
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

create function hlf_sync.nudge(body jsonb)
returns bigint
language plpgsql
security definer
set search_path = ''
as $$
declare
  -- As they are: every transaction that changes a mentor pays for each call between.
  function_url constant text := hlf_sync.secret('hlf_sync_function_url');
  secret_key constant text := hlf_sync.secret('hlf_sync_secret_key');
begin
  if not hlf_sync.may_send() then
    -- The sweep asks whose database this is, and nudges once it knows.
    return null;
  end if;
  -- Whether the URL is one is left to pg_net, which parses it, too: a look at it here is a twentieth of what a change costs.
  if function_url is null or hlf_sync.fits_header(secret_key) is not true then
    -- The watchdog raises the alert: one raised here would have all who change a mentor wait for each other.
    raise warning 'hlf-sync was not called: hlf_sync_function_url or hlf_sync_secret_key in Vault is missing or unusable';
    return null;
  end if;
  return hlf_sync.post_json(function_url, body, jsonb_build_object('apikey', secret_key));
end
$$;
comment on function hlf_sync.nudge(jsonb) is
  'Wakes the function; the id of the request, or null. A nudge carries no data: lost, doubled or late, it changes nothing.';
