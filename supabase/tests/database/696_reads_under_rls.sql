-- What keeps a coordinator's queries quick as the log grows; how quick, bench/audit measures.
begin;
set local search_path = public, extensions;
select plan(5);
select hlf_tests.create_world();
select hlf_tests.attempt('c1'), hlf_tests.attempt('c2', 'dead_lettered'), hlf_tests.attempt('d1', 'dead_lettered');

create function pg_temp.plan_of(query text)
returns text
language plpgsql
as $$
declare
  line text;
  plan text := '';
begin
  perform hlf_tests.act_as('authenticated', hlf_tests.persona('coordinator of c'));
  -- With so few rows any plan would do; this makes the one that many rows need the cheapest.
  set local enable_seqscan = off;
  set local enable_bitmapscan = off;
  -- Carried out, too, or Supabase's advisors would find an index that nobody uses.
  execute query;
  for line in execute 'explain (costs off) ' || query loop
    plan := plan || line || e'\n';
  end loop;
  reset role;
  return plan;
end
$$;

select matches(
  pg_temp.plan_of($$select * from public.hlf_sync_audit_log
    where organisation_id = hlf_tests.organisation('c') and outcome = 'dead_lettered' order by created_at desc limit 50$$),
  'using audit_log_2026_organisation_id_created_at_idx',
  'Dead letters come from the partial index, as no condition on an enum may be an index condition under a policy'
);
select matches(
  pg_temp.plan_of($$select * from public.hlf_sync_audit_log
    where mentor_id = hlf_tests.mentor('c1') order by created_at desc limit 50$$),
  'using audit_log_2026_mentor_id_created_at_idx', 'A mentor''s attempts come in the order of their index'
);
select matches(
  pg_temp.plan_of($$select (created_at at time zone 'Europe/Oslo')::date, count(*) filter (where outcome = 'success')
    from public.hlf_sync_audit_log
    where organisation_id = hlf_tests.organisation('c') and created_at >= '2026-01-01Z' and created_at < '2027-01-01Z'
    group by 1$$),
  'Index Only Scan using audit_log_2026_organisation_id_created_at_outcome_idx',
  'The days of the chart are counted from the index alone'
);
select is_empty(
  $$select inhrelid::regclass
    from pg_inherits
    where inhparent = 'public.hlf_sync_audit_log'::regclass
      and not exists (
        select from pg_statistic_ext where stxrelid = inhrelid and stxkind = '{f}'
          and stxkeys::text = (
            select string_agg(attnum::text, ' ' order by attnum) from pg_attribute
            where attrelid = inhrelid and attname in ('mentor_id', 'organisation_id')
          )
      )$$,
  'In every partition the planner learns that a mentor is of one organisation'
);
select throws_ok(
  $$update public.hlf_sync_state set last_error = 'rejected code=0x91234567'$$, '23514', null,
  'Eight digits are no code of Dataverse, but could be a phone number'
);

select * from finish();
rollback;
