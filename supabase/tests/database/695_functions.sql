-- What may be called over REST, and by whom: a function that is added to neither list fails here.
begin;
set local search_path = public, extensions;
select plan(3);

create function pg_temp.callable_by(role_name text)
returns setof text
language sql
as $$
  select p.proname::text
  from pg_proc as p
  where p.pronamespace = 'public'::regnamespace
    and not exists (select from pg_depend as d where d.objid = p.oid and d.deptype = 'e')
    and has_function_privilege(role_name, p.oid, 'execute')
$$;

select is_empty($$select pg_temp.callable_by('anon')$$, 'Anonymous callers call nothing');
select bag_eq(
  $$select pg_temp.callable_by('authenticated')$$,
  array[
    'claim_hlf_break_glass', 'get_hlf_break_glass_view', 'get_hlf_mentors', 'get_hlf_organisations', 'get_hlf_sync_audit_days', 'get_hlf_sync_audit_summary',
    'find_hlf_break_glass_obstacles', 'import_hlf_break_glass', 'preview_hlf_sync', 'read_hlf_sync_news', 'request_hlf_force_sync',
    'requeue_hlf_dead_letters',
    'settle_hlf_break_glass', 'verify_hlf_sync_audit'
  ],
  'Signed-in users call what decides by itself what they may'
);
select bag_eq(
  $$select pg_temp.callable_by('service_role')$$,
  array[
    'admit_hlf_sync_request', 'begin_hlf_reconciliation', 'claim_hlf_sync_attempts', 'close_hlf_sync_gate', 'confirm_hlf_sync_project', 'exchange_hlf_sync_attempts', 'finish_hlf_reconciliation',
    'get_hlf_sync_audit_days', 'get_hlf_sync_audit_summary', 'get_hlf_sync_wait', 'note_hlf_sync_health', 'open_hlf_sync_gate', 'refuse_hlf_listings', 'report_hlf_listings',
    'settle_hlf_sync_attempts', 'verify_hlf_sync_audit'
  ],
  'The secret key calls what the function needs'
);

select * from finish();
rollback;
