-- Not rolled back, like 000: how the files after it try every command on tables and views as a persona.
begin;

create function hlf_tests.relations()
returns table (relation text, is_view boolean, in_matrix text)
language sql
stable
set search_path = ''
as $$
  select
    format('%s.%I', c.relnamespace::regnamespace, c.relname), c.relkind in ('v', 'm'),
    regexp_replace(format('%s.%I', c.relnamespace::regnamespace, c.relname), '^(hlf_sync\.audit_log)_\d{4}$', '\1_<year>')
  from pg_catalog.pg_class as c
  where c.oid in (select hlf_tests.own_relations())
$$;
comment on function hlf_tests.relations() is 'Every table, partition and view of hlf-sync, as schema.name; the partitions are one in 610_personas.sql.';

create function hlf_tests.statement(relation text, command text)
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
comment on function hlf_tests.statement(text, text) is 'A valid statement of a kind for a table, from the catalogue.';

create function hlf_tests.outcome_of(role_name text, user_id uuid, statement text)
returns text
language plpgsql
set search_path = ''
as $$
declare
  affected bigint;
begin
  if role_name is not null then
    perform hlf_tests.act_as(role_name, user_id);
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
comment on function hlf_tests.outcome_of(text, uuid, text) is
  'What a statement comes to: how many rows, denied (42501: no privilege), append-only (42501: the trigger), or no table.';

create function hlf_tests.fill_every_table()
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
  insert into public.hlf_nightly_runs (run_date) values ('2025-11-30');
  insert into public.hlf_sync_audit_seals (day, row_count, digest) values ('2025-11-30', 0, repeat('0', 64));
  insert into public.hlf_sync_detached_partitions (partition_year, row_count) values (2019, 0);
  foreach code in array array['c1', 'd1'] loop
    -- One row in each partition.
    perform hlf_tests.attempt(code, 'success', make_timestamptz(right(relation, 4)::integer, 12, 1, 0, 0, 0, 'UTC'))
    from hlf_tests.relations() where relation like 'hlf_sync.audit_log_%';
    insert into hlf_sync.attempts (
      mentor_id, organisation_id, operation, generation, retry_count, is_last, triggered_by_event, lease_expires_at
    ) values (
      hlf_tests.mentor(code), hlf_tests.organisation(left(code, 1)), 'remove', 1, 0, false, 'status_change:paused', now()
    );
    insert into hlf_sync.listings (reader, mentor_id, is_published, is_addressable)
    values (gen_random_uuid(), hlf_tests.mentor(code), true, true);
    insert into public.hlf_sync_manual_actions (actor, organisation_id, mentor_id, action)
    values (hlf_tests.persona('stranger'), hlf_tests.organisation(left(code, 1)), hlf_tests.mentor(code), 'force_sync');
    insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind)
    values (hlf_tests.organisation(left(code, 1)), hlf_tests.mentor(code), 'dead_lettered');
    if hlf_tests.has_certifications() then
      insert into public.hlf_certification_policies (organisation_id) values (hlf_tests.organisation(left(code, 1)));
      insert into public.cert_expiry_reminders (organisation_id, mentor_id, threshold_day, certification_expiry_date)
      values (hlf_tests.organisation(left(code, 1)), hlf_tests.mentor(code), 7, '2025-12-07');
      insert into public.hlf_mentor_status_transitions (
        organisation_id, mentor_id, from_status, to_status, certification_expiry_date
      ) values (hlf_tests.organisation(left(code, 1)), hlf_tests.mentor(code), 'active', 'expired_cert', '2025-11-29');
    end if;
    insert into public.hlf_sync_drifts (run_date, mentor_id, organisation_id, wanted_operation, age_seconds)
    values ('2025-11-30', hlf_tests.mentor(code), hlf_tests.organisation(left(code, 1)), 'remove', 1);
  end loop;
end
$$;
comment on function hlf_tests.fill_every_table() is
  'At least one row in every table; where rows belong to an organisation, as many of c as of d.';

create function hlf_tests.expected_outcome(expectation text, is_view boolean, command text)
returns text
language sql
immutable
set search_path = ''
as $$
  with rights as (
    select split_part(rights, ' ', 1) as visible, split_part(rights, ' ', 2) as word
    from split_part(expectation, ',', 1) as rights
  )
  select coalesce(
    substring(expectation from ', ' || replace(command, 'merge ', '') || ' (\w+)'),
    case
      when command in ('select', 'copy to') then visible
      when is_view then 'refused'
      when word = 'all' and command in ('lock', 'update', 'delete', 'merge update', 'merge delete') then visible
      when word = 'append' and command = 'lock' then visible
      when word = 'all' or word = 'append' and command in ('insert', 'merge insert', 'copy from') then '0'
      when word = 'append' then 'append-only'
      else 'denied'
    end
  )
  from rights
$$;
comment on function hlf_tests.expected_outcome(text, boolean, text) is
  'What a command comes to by a cell of 610_personas.sql, where they are explained.';

create function hlf_tests.try_commands(
  persona text, role_name text, user_id uuid, relation text, is_view boolean, expected text
)
returns text
language plpgsql
set search_path = public, extensions
as $$
declare
  command text;
  outcome text;
  have text[];
  want text[];
begin
  if expected = 'port' then
    return pass(format('%s: %s is a port', persona, relation));
  end if;
  foreach command in array array[
    'select', 'copy to', 'lock', 'insert', 'upsert', 'copy from', 'update', 'delete', 'truncate', 'merge insert',
    'merge update', 'merge delete'
  ] loop
    -- Whoever may not touch the server's files is refused a COPY of any table, and only a superuser can lend that right. Where
    -- we are none, as on a hosted project, COPY is left out: it asks for the privileges of SELECT and INSERT.
    continue when command like 'copy %' and not (select r.rolsuper from pg_roles as r where r.rolname = session_user);
    outcome := hlf_tests.outcome_of(role_name, user_id, hlf_tests.statement(relation, command));
    if is_view and command not in ('select', 'copy to') and outcome in ('denied', 'no table') then
      -- Which of the two is found first differs between versions of Postgres.
      outcome := 'refused';
    end if;
    have := have || format('%s: %s', command, outcome);
    want := want || format('%s: %s', command, hlf_tests.expected_outcome(expected, is_view, command));
  end loop;
  return is(array_to_string(have, '; '), array_to_string(want, '; '), format('%s: %s', persona, relation));
end
$$;
comment on function hlf_tests.try_commands(text, text, uuid, text, boolean, text) is
  'Tests each command on a relation against its `expected_outcome`.';

create function hlf_tests.lend_files()
returns void
language plpgsql
set search_path = ''
as $$
begin
  if (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = session_user) then
    grant pg_read_server_files, pg_write_server_files to anon, authenticated, service_role;
  end if;
end
$$;
comment on function hlf_tests.lend_files() is 'Lets the API roles touch the server''s files, so that COPY is decided by what they may do with the table.';

create function hlf_tests.organisation_relations()
returns setof text
language sql
stable
set search_path = ''
as $$
  select r.relation
  from hlf_tests.relations() as r
  join pg_catalog.pg_attribute as a on a.attrelid = r.relation::regclass and a.attname = 'organisation_id'
  where r.relation like 'public.%'
  order by r.relation collate "C"
$$;
comment on function hlf_tests.organisation_relations() is 'What is reachable over REST and says which organisation a row is of.';

create function hlf_tests.callables()
returns table (role_name text, name text)
language sql
immutable
set search_path = ''
as $$
  -- Signed-in users call what decides by itself what they may.
  select 'authenticated', unnest(array[
    'claim_hlf_break_glass', 'find_hlf_break_glass_obstacles', 'get_hlf_break_glass_view', 'get_hlf_mentors', 'get_hlf_organisations',
    'get_hlf_sync_audit_days', 'get_hlf_sync_audit_summary', 'import_hlf_break_glass', 'preview_hlf_sync', 'read_hlf_sync_news',
    'request_hlf_force_sync', 'requeue_hlf_dead_letters', 'settle_hlf_break_glass', 'verify_hlf_sync_audit'
  ])
  union all
  -- The secret key calls what the function needs.
  select 'service_role', unnest(array[
    'admit_hlf_sync_request', 'begin_hlf_reconciliation', 'claim_hlf_sync_ahead', 'claim_hlf_sync_attempts', 'close_hlf_sync_gate',
    'confirm_hlf_sync_project', 'finish_hlf_reconciliation', 'follow_hlf_sync_request', 'get_hlf_sync_audit_days',
    'get_hlf_sync_audit_summary',
    'hand_back_hlf_sync_attempts', 'note_hlf_sync_health', 'open_hlf_sync_gate', 'refuse_hlf_listings', 'report_hlf_listings',
    'settle_hlf_sync_attempts', 'verify_hlf_sync_audit'
  ])
$$;
comment on function hlf_tests.callables() is
  'Which role may call which function of hlf-sync over REST; 900_conventions.sql finds one that is missing here.';

create function hlf_tests.own_functions()
returns setof regprocedure
language sql
stable
set search_path = ''
as $$
  select p.oid::regprocedure
  from pg_catalog.pg_proc as p
  where p.pronamespace = 'hlf_sync'::regnamespace
    or p.pronamespace = 'public'::regnamespace and p.proname in (select c.name from hlf_tests.callables() as c)
$$;
comment on function hlf_tests.own_functions() is 'Every function of hlf-sync.';

grant execute on all functions in schema hlf_tests to anon, authenticated, service_role;

set local search_path = public, extensions;
select plan(1);
select isnt_empty('select * from hlf_tests.relations()', 'There are tables to be tried');
select * from finish();
commit;
