-- Stands in for pg_net 0.19: the same schema, signatures, privileges and refusals, and at-most-once delivery after the
-- commit. The sender is not a background worker but http_dispatcher.ts, woken by NOTIFY.
-- Left out: net.http_collect_response, net.worker_restart, net.wake, HTTP/2, and schemes but http and https, which libcurl
-- would parse and pg_net then not send.
-- https://github.com/supabase/pg_net

do $outer$
begin
  if to_regnamespace('net') is not null then
    return;
  end if;

  create schema net;

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

  create function net._assert_url(url text)
  returns void
  language plpgsql
  set search_path = ''
  as $$
  declare
    -- Scheme, one to three slashes, whatever is before the first @, host, port, and the rest: of these, host and port.
    parts text[];
    host text;
    address inet;
  begin
    if url is null then
      -- Left to the column's not-null constraint (23502), as it is really.
      return;
    end if;
    -- Plain ones first: what takes libcurl a microsecond would take thirty here, a twentieth of what a change of a mentor costs.
    if url ~ '^https?://([a-z0-9-]+\.)*[a-z0-9-]+(:[1-5]?[0-9]{1,4})?(/[!-~]*)?$' and octet_length(url) < 1000 then
      return;
    end if;
    parts := regexp_match(
      url, '^https?:/{1,3}(?:[^@/?#]*@)?(\[[^]/?#]*\]|[^:/?#]*)(?::([0-9]*))?(?:[/?#].*)?$', 'i'
    );
    host := parts[1];
    -- pg_net has libcurl's parser (curl_url_set) look at a URL when a request is queued, and an error of that is an error
    -- of the caller's statement. A control character or a blank anywhere is one (so a line break behind the URL is, too).
    if octet_length(url) > 8000000 or url ~ '[\x01-\x20\x7f]'
      -- No scheme, one that is quoted or has a blank, tab or byte order mark before it, too many slashes, letters as a port.
      or parts is null
      -- No host; one with a character that no host has, as `<ref>`, `$` or a quote, be it written as a percent code.
      or host !~* '^(\[.*\]|([^]\x01-\x20\x7f/:#?!@{}[\\$''"^`*<>=;,+&()%|]|%(2[de]|3[0-9]|[46][1-9a-f]|5[0-9af]|7[0-9ae]|[89a-f][0-9a-f]))+)$'
      or host ~ '^\.$|\.\.$'
      -- A port that is none.
      or coalesce(nullif(parts[2], '')::numeric, 0) > 65535
    then
      raise exception 'invalid URL "%": libcurl does not parse it', url using errcode = 'XX000';
    end if;
    if host like '[%' then
      begin
        -- A zone may follow the address.
        address := regexp_replace(host, '^\[([0-9a-f:.]*)(?:%[^]]{1,17})?\]$', '\1', 'i');
      exception when others then
        address := null;
      end;
      if address is null or family(address) <> 6 or host like '%/%' then
        raise exception 'invalid URL "%": libcurl does not parse it', url using errcode = 'XX000';
      end if;
    end if;
  end
  $$;

  create function net._enqueue(
    method text, url text, params jsonb, headers jsonb, body bytea, timeout_milliseconds integer
  )
  returns bigint
  language plpgsql
  set search_path = ''
  as $$
  declare
    request_id bigint;
  begin
    if stand_in.is_out_of_order('pg_net') then
      -- For hours on 26 February 2025, and whenever a migration of the platform's takes a privilege away.
      raise exception 'permission denied for table http_request_queue' using errcode = '42501';
    end if;
    perform net._assert_url(url);
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    select
      _enqueue.method,
      _enqueue.url || coalesce(
        case when strpos(_enqueue.url, '?') > 0 then '&' else '?' end
        || string_agg(net._urlencode_string(key) || '=' || net._urlencode_string(value), '&'),
        ''
      ),
      _enqueue.headers, _enqueue.body, _enqueue.timeout_milliseconds
    from jsonb_each_text(params)
    returning id into request_id;
    return request_id;
  end
  $$;

  create function net.http_get(
    url text,
    params jsonb default '{}'::jsonb,
    headers jsonb default '{}'::jsonb,
    timeout_milliseconds integer default 5000
  )
  returns bigint
  language sql
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
      headers := headers || '{"Content-Type": "application/json"}'::jsonb;
    elsif content_type <> 'application/json' then
      raise exception 'Content-Type header must be "application/json"';
    end if;
    return net._enqueue(
      'POST', url, params, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds
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
  set search_path = ''
  as $$
    select net._enqueue('DELETE', url, params, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
  $$;

  -- Really so: whoever can run SQL may read what waits, keys in headers included, and queue by hand. REST never shows `net`.
  grant usage on schema net to public;
  grant all on all sequences in schema net to public;
  grant all on all tables in schema net to public;
end
$outer$;
