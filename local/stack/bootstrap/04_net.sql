-- Stands in for pg_net 0.19: the same schema, signatures and at-most-once delivery after the commit. The sender is
-- not a background worker but dispatcher.ts, woken by NOTIFY.
-- Left out: net.http_collect_response, net.worker_restart, net.wake, and HTTP/2.
-- https://github.com/supabase/pg_net

do $outer$
begin
  if to_regnamespace('net') is not null then
    return;
  end if;

  create schema net;
  grant usage on schema net to anon, authenticated, service_role;

  create domain net.http_method as text check (value in ('GET', 'POST', 'DELETE'));

  create unlogged table net.http_request_queue (
    id bigserial,
    method net.http_method not null,
    url text not null,
    headers jsonb,
    body bytea,
    timeout_milliseconds integer not null
  );

  create unlogged table net._http_response (
    id bigint,
    status_code integer,
    content_type text,
    headers jsonb,
    content text,
    timed_out boolean,
    error_msg text,
    created timestamptz not null default now()
  );
  create index on net._http_response (created);

  create function net._wake_dispatcher()
  returns trigger
  language plpgsql
  set search_path = ''
  as $$
  begin
    -- Delivered on commit, and once per transaction however many requests it queued.
    perform pg_notify('net_http_request_queue', '');
    return null;
  end
  $$;
  create trigger wake_dispatcher
  after insert on net.http_request_queue
  for each statement execute function net._wake_dispatcher();

  create function net._urlencode_string(string varchar)
  returns text
  language sql
  immutable
  strict
  set search_path = ''
  as $$
    select coalesce(
      string_agg(
        case
          when byte < 128 and chr(byte) ~ '^[A-Za-z0-9._~-]$' then chr(byte)
          else '%' || upper(lpad(to_hex(byte), 2, '0'))
        end,
        '' order by place
      ),
      ''
    )
    from (
      select place, get_byte(convert_to(string, 'UTF8'), place) as byte
      from generate_series(0, octet_length(convert_to(string, 'UTF8')) - 1) as place
    ) as each_byte
  $$;

  create function net._enqueue(
    method text, url text, params jsonb, headers jsonb, body bytea, timeout_milliseconds integer
  )
  returns bigint
  language sql
  security definer
  set search_path = ''
  as $$
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    select
      $1,
      $2 || coalesce(
        case when strpos($2, '?') > 0 then '&' else '?' end
        || string_agg(net._urlencode_string(key) || '=' || net._urlencode_string(value), '&'),
        ''
      ),
      $4, $5, $6
    from jsonb_each_text($3)
    returning id
  $$;

  create function net.http_get(
    url text,
    params jsonb default '{}'::jsonb,
    headers jsonb default '{}'::jsonb,
    timeout_milliseconds integer default 5000
  )
  returns bigint
  language sql
  strict
  security definer
  set search_path = ''
  as $$
    select net._enqueue('GET', url, params, headers, null, timeout_milliseconds)
  $$;

  create function net.http_post(
    url text,
    body jsonb default '{}'::jsonb,
    params jsonb default '{}'::jsonb,
    headers jsonb default '{"Content-Type": "application/json"}'::jsonb,
    timeout_milliseconds integer default 5000
  )
  returns bigint
  language plpgsql
  security definer
  set search_path = ''
  as $$
  declare
    content_type text;
  begin
    select value into content_type
    from jsonb_each_text(coalesce(headers, '{}'::jsonb))
    where lower(key) = 'content-type'
    limit 1;
    if content_type is null then
      headers := coalesce(headers, '{}'::jsonb) || '{"Content-Type": "application/json"}'::jsonb;
    elsif content_type <> 'application/json' then
      raise exception 'Content-Type header must be "application/json"';
    end if;
    if body is null then
      raise exception 'body must not be null';
    end if;
    return net._enqueue(
      'POST', url, coalesce(params, '{}'::jsonb), headers, convert_to(body::text, 'UTF8'), timeout_milliseconds
    );
  end
  $$;

  create function net.http_delete(
    url text,
    params jsonb default '{}'::jsonb,
    headers jsonb default '{}'::jsonb,
    timeout_milliseconds integer default 5000,
    body jsonb default null
  )
  returns bigint
  language sql
  security definer
  set search_path = ''
  as $$
    select net._enqueue('DELETE', url, params, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
  $$;
end
$outer$;
