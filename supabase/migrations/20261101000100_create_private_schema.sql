-- Everything that must not be reachable over REST lives in `hlf_sync`: PostgREST exposes `public` only, so a
-- security definer function here cannot be called from outside unless a thin function in `public` hands it on.

create schema hlf_sync;
comment on schema hlf_sync is 'Internals; never exposed over REST.';

grant usage on schema hlf_sync to authenticated, service_role;

create function hlf_sync.uuid_v7()
returns uuid
language sql
volatile
set search_path = ''
as $$
  -- 48 bits of Unix milliseconds over a random v4 uuid; setting bits 52 and 53 turns its version 4 into 7.
  select encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
          from 1 for 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid
$$;
comment on function hlf_sync.uuid_v7() is
  'A time-ordered UUID (RFC 9562, version 7). Postgres has its own from version 18 on.';

create function hlf_sync.uuid_v7_time(id uuid)
returns timestamptz
-- Not in SQL: a function with settings is not inlined, and then plpgsql, which keeps its plan, is several times faster.
language plpgsql
immutable
strict
parallel safe
set search_path = ''
as $$
begin
  return to_timestamp(('x' || substr(translate(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0);
end
$$;
comment on function hlf_sync.uuid_v7_time(uuid) is 'The moment, in milliseconds, that a version 7 UUID carries.';

-- Postgres lets everyone execute a new function; here each grant is given by hand.
revoke execute on function
  hlf_sync.uuid_v7,
  hlf_sync.uuid_v7_time
from public;
