begin;
set local search_path = public, extensions;
select plan(35);
select hlf_tests.create_world();

create function pg_temp.write(
  id uuid default hlf_sync.uuid_v7(), code integer default 503, retry_count integer default 0,
  outcome hlf_sync_outcome default 'failure', error text default 'unavailable',
  event text default 'status_change:paused'
)
returns void
language sql
as $$
  insert into public.hlf_sync_audit_log (
    id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
    triggered_by_event
  ) values (id, hlf_tests.organisation('c'), hlf_tests.mentor('c1'), 'remove', code, retry_count, outcome, error, event)
$$;

select lives_ok(format('select pg_temp.write(error => %L)', e), 'Accepted as error_message: ' || e)
from unnest(array[
  'throttled code=0x80072322', 'timeout', 'network', 'interrupted', 'rejected code=0x0',
  'server_error code=0x80044150 request=0f8fad5b-d9cb-469f-a165-70867728950e',
  'invalid_response request=0f8fad5b-d9cb-469f-a165-70867728950e'
]) as e;

select throws_ok(format('select pg_temp.write(error => %L)', e), '23514', null, 'Refused as error_message: ' || e)
from unnest(array[
  'Åse Eksempel could not be removed', 'timeout for aase@example.org', 'timeout +47 99 88 77 66', 'timeout 01019012345',
  'timeout code=0x800723221', 'timeout code=hello', 'rejected request=01019012345', E'timeout\nÅse', ' timeout',
  'timeout request=0F8FAD5B-D9CB-469F-A165-70867728950E', ''
]) as e;

select lives_ok(format('select pg_temp.write(event => %L)', e), 'Accepted as triggered_by_event: ' || e)
from unnest(array['status_change:hidden', 'organisation_change', 'initial_sync', 'tracking_repair']) as e;

select throws_ok(
  format('select pg_temp.write(event => %L)', e), '23514', null, 'Refused as triggered_by_event: ' || e
)
from unnest(array['status_change:Åse', 'manual:aase@example.org', E'break_glass\n', 'status_change:paused 99887766']) as e;

select throws_ok('select pg_temp.write(id => gen_random_uuid())', '23514', null, 'An id that is no UUIDv7 is refused');
select throws_ok(
  $$select pg_temp.write(id => '0fffffff-ffff-7fff-8fff-ffffffffffff')$$, '23514', null,
  'A row cannot be written before its attempt was made'
);
select throws_ok('select pg_temp.write(code => 20400)', '23514', null, 'A code that is no HTTP status is refused');
select throws_ok('select pg_temp.write(retry_count => -1)', '23514', null, 'A negative retry_count is refused');
select throws_ok(
  $$select pg_temp.write(outcome => 'success', code => 503, error => null)$$, '23514', null, 'A success has a 2xx code'
);
select throws_ok(
  $$select pg_temp.write(outcome => 'success', code => null, error => null)$$, '23514', null, 'A success has a code'
);
select throws_ok(
  $$select pg_temp.write(outcome => 'success', code => 204)$$, '23514', null, 'A success has no error'
);
select throws_ok('select pg_temp.write(error => null)', '23514', null, 'A failure has an error');
select throws_ok(
  $$select pg_temp.write(outcome => 'dead_lettered')$$, '23514', null, 'A dead letter counts its attempts'
);

select * from finish();
rollback;
