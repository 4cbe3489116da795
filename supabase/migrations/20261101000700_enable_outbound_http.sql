-- pg_net and Vault: how the database wakes the function and sends alerts, without a URL or a key in any migration.
-- Hosted Supabase has both extensions; where one is not available, something with the same signatures must be there.

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

create function private.secret(secret_name text)
returns text
language sql
stable
security definer
set search_path = ''
as $$
  select nullif(decrypted_secret, '') from vault.decrypted_secrets where name = secret_name
$$;
comment on function private.secret(text) is 'A secret of Vault by its name; null when it is missing or empty.';

create function private.post_json(url text, body jsonb, headers jsonb default '{}')
returns void
language sql
security definer
set search_path = ''
as $$
  -- pg_net sends after the commit, so a rolled-back change is never announced.
  select net.http_post(
    url := url,
    body := body,
    headers := '{"Content-Type": "application/json"}'::jsonb || headers,
    timeout_milliseconds := 5000
  )
$$;
comment on function private.post_json(text, jsonb, jsonb) is
  'Queues a POST with pg_net, which sends it once, after the commit.';

create function private.send_alert(message text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  webhook_url constant text := private.secret('hlf_sync_alert_webhook_url');
begin
  if webhook_url is not null then
    perform private.post_json(webhook_url, jsonb_build_object('text', message));
  end if;
end
$$;
comment on function private.send_alert(text) is
  'Sends a line to the webhook in Vault, in the form that Slack and Teams take.';

create function private.raise_alert(alert_kind text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.hlf_sync_alerts (kind)
  values (alert_kind)
  on conflict (kind) where closed_at is null do nothing;

  if found then
    perform private.send_alert(format('hlf-sync alert: %s', alert_kind));
  else
    update public.hlf_sync_alerts set last_seen_at = now() where kind = alert_kind and closed_at is null;
  end if;
end
$$;
comment on function private.raise_alert(text) is
  'Opens the alert of a kind and sends it to the webhook in Vault; when it is open already, only notes it was seen.';

create function private.close_alert(alert_kind text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.hlf_sync_alerts set closed_at = now() where kind = alert_kind and closed_at is null;
  if found then
    perform private.send_alert(format('hlf-sync alert over: %s', alert_kind));
  end if;
end
$$;
comment on function private.close_alert(text) is 'Closes the open alert of a kind and says so to the webhook in Vault.';

create function private.nudge_hlf_sync(body jsonb)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  function_url constant text := private.secret('hlf_sync_function_url');
  secret_key constant text := private.secret('hlf_sync_secret_key');
begin
  if function_url is null or secret_key is null then
    -- The watchdog raises the alert: one raised here would have all who change a mentor wait for each other.
    raise warning 'hlf-sync was not called: hlf_sync_function_url or hlf_sync_secret_key is missing in Vault';
    return;
  end if;
  perform private.post_json(function_url, body, jsonb_build_object('apikey', secret_key));
end
$$;
comment on function private.nudge_hlf_sync(jsonb) is
  'Wakes the function. A nudge carries no data: lost, doubled or reordered, it changes nothing.';

-- Postgres lets everyone execute a new function; here each grant is given by hand.
revoke execute on function
  private.secret,
  private.post_json,
  private.send_alert,
  private.raise_alert,
  private.close_alert,
  private.nudge_hlf_sync
from public;
