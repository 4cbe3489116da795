-- Not rolled back, like 000: how each file after it tries every command on every table and view as one persona.
begin;

create or replace function tests.relations()
returns table (relation text, is_view boolean)
language sql
stable
set search_path = ''
as $$
  select format('%s.%I', c.relnamespace::regnamespace, c.relname), c.relkind in ('v', 'm')
  from pg_catalog.pg_class as c
  where c.relnamespace in ('public'::regnamespace, 'hlf_sync'::regnamespace)
    and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not exists (select from pg_catalog.pg_depend as d where d.objid = c.oid and d.deptype = 'e')
$$;
comment on function tests.relations() is 'Every table, partition and view of ours, from the catalogue.';

create or replace function tests.statement(relation text, command text)
returns text
language sql
stable
set search_path = ''
as $$
  with columns as (
    select
      format('%I', (array_agg(a.attname order by a.attnum))[1]) as first,
      -- What a caller has to name: a default, such as created_at's, is the database's to fill in.
      coalesce(
        string_agg(format('%I', a.attname), ', ' order by a.attnum) filter (where not a.atthasdef),
        string_agg(format('%I', a.attname), ', ' order by a.attnum)
      ) as named,
      coalesce(
        string_agg(format('null::%s', a.atttypid::regtype), ', ' order by a.attnum) filter (where not a.atthasdef),
        string_agg(format('null::%s', a.atttypid::regtype), ', ' order by a.attnum)
      ) as nulls,
      (
        select string_agg(format('%I', k.attname), ', ' order by k.attnum)
        from pg_catalog.pg_index as i
        join pg_catalog.pg_attribute as k on k.attrelid = i.indrelid and k.attnum = any (i.indkey)
        where i.indrelid = relation::regclass and i.indisprimary
      ) as key
    from pg_catalog.pg_attribute as a
    where a.attrelid = relation::regclass and a.attnum > 0 and not a.attisdropped
  )
  -- Reads and changes are of all rows. Inserts are of no row, so that only the right to make one decides.
  select case command
    when 'select' then format('select * from %s', relation)
    when 'copy to' then format('copy (select * from %s) to ''/dev/null''', relation)
    when 'lock' then format('select * from %s for update', relation)
    when 'insert' then format('insert into %s (%s) select %s where false', relation, named, nulls)
    when 'upsert' then format(
      'insert into %s (%s) select %s where false on conflict (%s) do update set %s = excluded.%s',
      relation, named, nulls, coalesce(key, first), first, first
    )
    when 'copy from' then format('copy %s from ''/dev/null''', relation)
    when 'update' then format('update %s set %s = %2$s', relation, first)
    when 'delete' then format('delete from %s', relation)
    when 'truncate' then format('truncate %s cascade', relation)
    when 'merge insert' then format(
      'merge into %s as t using (select 1) as s on false when not matched and false then insert (%s) values (%s)',
      relation, named, nulls
    )
    when 'merge update' then format(
      'merge into %s as t using (select 1) as s on true when matched then update set %s = t.%2$s', relation, first
    )
    when 'merge delete' then format(
      'merge into %s as t using (select 1) as s on true when matched then delete', relation
    )
  end
  from columns
$$;
comment on function tests.statement(text, text) is 'A valid statement of a kind for a table, from the catalogue.';

create or replace function tests.outcome_of(role_name text, user_id uuid, statement text)
returns text
language plpgsql
set search_path = ''
as $$
declare
  affected bigint;
begin
  if role_name is not null then
    perform tests.act_as(role_name, user_id);
  end if;
  execute statement;
  get diagnostics affected = row_count;
  -- An error ends the block, and with it goes whatever the statement did, and the role.
  raise exception using errcode = 'TST00', message = affected::text;
exception
  when sqlstate 'TST00' then
    return sqlerrm;
  when others then
    return case
      when sqlstate = '42501' and sqlerrm like 'permission denied for %' then 'denied'
      when sqlstate = '42501' and sqlerrm like '%it is append-only' then 'append-only'
      when sqlstate in ('42809', '55000', '0A000') then 'no table'
      else sqlstate
    end;
end
$$;
comment on function tests.outcome_of(text, uuid, text) is
  'What a statement comes to: how many rows, denied (42501: no privilege), append-only (42501: the trigger), or no table.';

create or replace function tests.fill_every_table()
returns void
language plpgsql
set search_path = ''
as $$
declare
  code text;
begin
  delete from public.hlf_sync_alerts;
  insert into public.hlf_sync_alerts (kind) values ('audit_gap');
  delete from hlf_sync.messages;
  insert into hlf_sync.messages (subject, secret_name, state, message, details)
  values ('alert audit_gap', 'hlf_sync_alert_webhook_url', 'open', 'hlf-sync alert: audit_gap', '{}');
  delete from hlf_sync.steps;
  insert into hlf_sync.steps (step, succeeded_at) values ('audit log', now());
  insert into public.hlf_nightly_runs (run_date) values ('2026-11-30');
  insert into public.hlf_sync_audit_seals (day, row_count, digest) values ('2026-11-30', 0, repeat('0', 64));
  insert into public.hlf_sync_detached_partitions (partition_year, row_count) values (2019, 0);
  foreach code in array array['c1', 'd1'] loop
    -- One row in each partition.
    perform tests.attempt(code, 'success', make_timestamptz(right(relation, 4)::integer, 12, 1, 0, 0, 0, 'UTC'))
    from tests.relations() where relation like 'hlf_sync.audit_log_%';
    insert into hlf_sync.attempts (
      mentor_id, organisation_id, operation, generation, retry_count, is_last, triggered_by_event, lease_expires_at
    ) values (
      tests.mentor(code), tests.organisation(left(code, 1)), 'remove', 1, 0, false, 'status_change:paused', now()
    );
    insert into hlf_sync.listings (reader, mentor_id, is_published, is_addressable)
    values (gen_random_uuid(), tests.mentor(code), true, true);
    insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action)
    values (tests.persona('stranger'), tests.organisation(left(code, 1)), tests.mentor(code), 'force_sync');
    insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind)
    values (tests.organisation(left(code, 1)), tests.mentor(code), 'dead_lettered');
    insert into public.hlf_certification_policies (organisation_id) values (tests.organisation(left(code, 1)));
    insert into public.cert_expiry_reminders (organisation_id, mentor_id, threshold_day, certification_expiry_date)
    values (tests.organisation(left(code, 1)), tests.mentor(code), 7, '2026-12-07');
    insert into public.hlf_mentor_status_transitions (
      organisation_id, mentor_id, from_status, to_status, certification_expiry_date
    ) values (tests.organisation(left(code, 1)), tests.mentor(code), 'active', 'expired_cert', '2026-11-29');
    insert into public.hlf_sync_drifts (run_date, mentor_id, organisation_id, wanted_operation, age_seconds)
    values ('2026-11-30', tests.mentor(code), tests.organisation(left(code, 1)), 'remove', 1);
  end loop;
end
$$;
comment on function tests.fill_every_table() is
  'At least one row in every table; where rows belong to an organisation, as many of c as of d, but for mentors.';

create or replace function tests.expected_outcome(expectation jsonb, is_view boolean, command text)
returns text
language sql
immutable
set search_path = ''
as $$
  with rights as (
    select
      split_part(coalesce(expectation ->> 'rights', expectation #>> '{}'), ' ', 1) as visible,
      split_part(coalesce(expectation ->> 'rights', expectation #>> '{}'), ' ', 2) as word
  )
  select case
    when jsonb_typeof(expectation) = 'object' and expectation ? command then expectation ->> command
    when command in ('select', 'copy to') then visible
    when is_view then 'refused'
    when word = 'all' and command in ('lock', 'update', 'delete', 'merge update', 'merge delete') then visible
    when word = 'append' and command = 'lock' then visible
    when word = 'all' or word = 'append' and command in ('insert', 'merge insert', 'copy from') then '0'
    when word = 'append' then 'append-only'
    else 'denied'
  end
  from rights
$$;
comment on function tests.expected_outcome(jsonb, boolean, text) is
  'What a command comes to by an expectation: `denied`, or how many rows are visible, which is all there is; with '
  '` all` everything goes, with ` append` what adds rows. An object has this as `rights`, and exceptions by command.';

create or replace function tests.try_every_command(
  persona text, role_name text, user_id uuid, expectations jsonb
)
returns setof text
language plpgsql
set search_path = public, extensions
as $$
declare
  commands text[] := array[
    'select', 'copy to', 'lock', 'insert', 'upsert', 'copy from', 'update', 'delete', 'truncate', 'merge insert',
    'merge update', 'merge delete'
  ];
  api_role text;
  expected jsonb;
  tried record;
  command text;
  outcome text;
  have text[];
  want text[];
begin
  -- Of what a persona may do, the triggers would tell that Vault is empty.
  perform set_config('client_min_messages', 'error', true);
  perform tests.fill_every_table();
  -- Whoever may not touch the server's files is refused a COPY of any table, and only a superuser can lend that right. Where
  -- we are none, as on a hosted project, COPY is left out: it asks for the privileges of SELECT and INSERT.
  if (select r.rolsuper from pg_roles as r where r.rolname = session_user) then
    foreach api_role in array array['anon', 'authenticated', 'service_role'] loop
      execute format('grant pg_read_server_files, pg_write_server_files to %I', api_role);
    end loop;
  else
    commands := array_remove(array_remove(commands, 'copy to'), 'copy from');
  end if;

  return next is(
    array(select name from jsonb_object_keys(expectations) as name order by name collate "C"),
    array(
      select distinct regexp_replace(relation, '^(hlf_sync\.audit_log)_\d{4}$', '\1_<year>') collate "C"
      from tests.relations() order by 1
    ),
    format('%s: every table and view has its expectation', persona)
  );
  for tried in select * from tests.relations() as r order by r.relation collate "C" loop
    expected := expectations -> regexp_replace(
      tried.relation, '^(hlf_sync\.audit_log)_\d{4}$', '\1_<year>'
    );
    if expected = 'null' then
      return next pass(format('%s: %s is a port', persona, tried.relation));
      continue;
    end if;
    have := '{}';
    want := '{}';
    foreach command in array commands loop
      outcome := tests.outcome_of(role_name, user_id, tests.statement(tried.relation, command));
      if tried.is_view and command not in ('select', 'copy to') and outcome in ('denied', 'no table') then
        -- Which of the two is found first differs between versions of Postgres.
        outcome := 'refused';
      end if;
      have := have || format('%s: %s', command, outcome);
      want := want || format('%s: %s', command, tests.expected_outcome(expected, tried.is_view, command));
    end loop;
    return next is(
      array_to_string(have, '; '), array_to_string(want, '; '), format('%s: %s', persona, tried.relation)
    );
  end loop;
end
$$;
comment on function tests.try_every_command(text, text, uuid, jsonb) is
  'Tests each command on each relation against its `expected_outcome`. A table or view without one fails, '
  'too; one whose expectation is null is a port, through which its owner does what the app''s tables let the owner do.';

create or replace function tests.organisation_relations()
returns setof text
language sql
stable
set search_path = ''
as $$
  select r.relation
  from tests.relations() as r
  join pg_catalog.pg_attribute as a on a.attrelid = r.relation::regclass and a.attname = 'organisation_id'
  where r.relation like 'public.%'
  order by r.relation collate "C"
$$;
comment on function tests.organisation_relations() is 'What is reachable over REST and says which organisation a row is of.';

create or replace function tests.count_of_relations()
returns integer
language sql
stable
set search_path = ''
as $$
  select count(*)::integer from tests.relations()
$$;
comment on function tests.count_of_relations() is 'How many tests `try_every_command` makes, but for one.';

grant execute on all functions in schema tests to anon, authenticated, service_role;

set local search_path = public, extensions;
select plan(1);
select isnt_empty('select * from tests.relations()', 'There are tables to be tried');
select * from finish();
commit;
