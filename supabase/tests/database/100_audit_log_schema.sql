begin;
set local search_path = public, extensions;
select plan(13);
select isnt_empty(
  format(
    'select from pg_inherits where inhparent = %L::regclass and inhrelid = to_regclass(%L)',
    'public.hlf_sync_audit_log', 'hlf_sync.audit_log_' || extract(year from now()) + 1
  ),
  'Partitions exist at least until the end of next year'
);
select hlf_tests.create_world();

select results_eq(
  $$select attname::text collate "default", format_type(atttypid, atttypmod), attnotnull
    from pg_attribute
    where attrelid = 'public.hlf_sync_audit_log'::regclass and attnum > 0 and not attisdropped
    order by attnum$$,
  $$values
    ('id', 'uuid', true),
    ('organisation_id', 'uuid', true),
    ('mentor_id', 'uuid', true),
    ('operation', 'hlf_sync_operation', true),
    ('dynamics_response_code', 'integer', false),
    ('retry_count', 'integer', true),
    ('outcome', 'hlf_sync_outcome', true),
    ('error_message', 'text', false),
    ('triggered_by_event', 'text', true),
    ('created_at', 'timestamp with time zone', true)$$,
  'The audit log has exactly the columns of the specification'
);
select enum_has_labels('public', 'hlf_sync_operation', array['remove', 'restore'], 'Removes sort first');
select enum_has_labels('public', 'hlf_sync_outcome', array['success', 'failure', 'dead_lettered']);
select col_is_pk('public', 'hlf_sync_audit_log', array['id', 'created_at'], 'The key is id and time');
select is_partitioned('public', 'hlf_sync_audit_log', 'The log is partitioned');
select has_index('public', 'hlf_sync_audit_log', 'hlf_sync_audit_log_mentor_id_created_at_idx', array['mentor_id', 'created_at'], 'Attempts of a mentor are indexed');
select has_index('public', 'hlf_sync_audit_log', 'hlf_sync_audit_log_outcome_created_at_idx', array['outcome', 'created_at'], 'Attempts by outcome are indexed');
select ok(
  pg_get_indexdef('public.hlf_sync_audit_log_organisation_id_created_at_idx'::regclass)
    like '%(organisation_id, created_at) INCLUDE (outcome)',
  'The summary has an index that covers it'
);
select results_eq(
  $$select relrowsecurity, relforcerowsecurity from pg_class where oid = 'public.hlf_sync_audit_log'::regclass$$,
  $$values (true, true)$$,
  'Row level security is enabled and forced'
);
select is_empty(
  $$select conname from pg_constraint where conrelid = 'public.hlf_sync_audit_log'::regclass and contype = 'f'$$,
  'The log refers to no other table'
);
select results_eq(
  $$select inhrelid::regclass::text collate "default", pg_get_expr(c.relpartbound, c.oid) collate "default"
    from pg_inherits join pg_class c on c.oid = inhrelid
    where inhparent = 'public.hlf_sync_audit_log'::regclass
    order by 1 limit 2$$,
  $$select 'hlf_sync.audit_log_' || y,
      format('FOR VALUES FROM (''%s'') TO (''%s'')',
        make_timestamptz(y, 1, 1, 0, 0, 0, 'UTC'), make_timestamptz(y + 1, 1, 1, 0, 0, 0, 'UTC'))
    from generate_series(2026, 2027) as y$$,
  'Partitions hold one year in UTC each and are in schema hlf_sync'
);
select lives_ok(
  $$select hlf_sync.ensure_audit_log_partitions(2026, 2033)$$,
  'Ensuring partitions again adds only the missing ones'
);

select * from finish();
rollback;
