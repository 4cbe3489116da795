-- What can be read of all this, and who may do what. What a person asks first: is the website in sync, and what came of the
-- last attempt?

create view public.hlf_sync_mentor_status
with (security_invoker = true)
as
select
  s.mentor_id,
  s.organisation_id,
  s.wanted_operation,
  s.confirmed_operation,
  s.confirmed_at,
  s.due_at,
  s.dead_lettered_at,
  case
    when s.dead_lettered_at is not null then 'stuck'
    when s.due_at is null and s.in_flight_attempt_id is null and s.wanted_operation = s.confirmed_operation then 'in_sync'
    else 'waiting'
  end as standing,
  last_attempt.id as last_attempt_id,
  last_attempt.operation as last_operation,
  last_attempt.outcome as last_outcome,
  last_attempt.dynamics_response_code as last_response_code,
  last_attempt.error_message as last_error_message,
  last_attempt.created_at as last_attempt_at
from public.hlf_sync_state as s
left join lateral (
  select log.*
  from public.hlf_sync_audit_log as log
  where log.mentor_id = s.mentor_id and log.organisation_id = s.organisation_id
  order by log.created_at desc
  limit 1
) as last_attempt on true;
comment on view public.hlf_sync_mentor_status is
  'Each mentor''s standing towards the website (in_sync, waiting, stuck) and last attempt, as far as the caller may see.';

-- What the compliance view counts. Invoker functions: row level security decides what they see.

create function public.get_hlf_sync_audit_summary(org_id uuid, from_date date, to_date date)
returns table (outcome public.hlf_sync_outcome, count bigint)
-- One plan for all, pruned as it runs: for a partitioned table, planning takes longer than counting.
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select known.outcome, known.attempts
  from (
    -- Not grouped: the rows would be sorted first.
    select
      count(*) filter (where log.outcome = 'success') as success,
      count(*) filter (where log.outcome = 'failure') as failure,
      count(*) filter (where log.outcome = 'dead_lettered') as dead_lettered
    from public.hlf_sync_audit_log as log
    where log.organisation_id = org_id
      and log.created_at >= from_date::timestamp at time zone 'Europe/Oslo'
      and log.created_at < (to_date + 1)::timestamp at time zone 'Europe/Oslo'
  ) as counted
  cross join lateral (values
    ('success'::public.hlf_sync_outcome, counted.success),
    ('failure', counted.failure),
    ('dead_lettered', counted.dead_lettered)
  ) as known (outcome, attempts);
end
$$;
comment on function public.get_hlf_sync_audit_summary(uuid, date, date) is
  'Attempts of an organisation by outcome, zeros included, for days in Europe/Oslo, both ends inclusive.';

create function public.get_hlf_sync_audit_days(
  org_id uuid,
  from_date date,
  to_date date,
  days_each integer default 1,
  of_mentor_id uuid default null,
  of_outcome public.hlf_sync_outcome default null
)
returns table (first_day date, success bigint, failure bigint, dead_lettered bigint)
-- Planned for each question, so that a filter that is not set costs nothing: the index alone answers then.
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
begin
  return query
  select
    from_date + ((log.created_at at time zone 'Europe/Oslo')::date - from_date) / days.each * days.each as first_day,
    count(*) filter (where log.outcome = 'success'),
    count(*) filter (where log.outcome = 'failure'),
    count(*) filter (where log.outcome = 'dead_lettered')
  from public.hlf_sync_audit_log as log
  cross join (values (greatest(days_each, 1))) as days (each)
  where log.organisation_id = org_id
    and log.created_at >= from_date::timestamp at time zone 'Europe/Oslo'
    and log.created_at < (to_date + 1)::timestamp at time zone 'Europe/Oslo'
    and (of_mentor_id is null or log.mentor_id = of_mentor_id)
    and (of_outcome is null or log.outcome = of_outcome)
  group by 1
  order by 1;
end
$$;
comment on function public.get_hlf_sync_audit_days(uuid, date, date, integer, uuid, public.hlf_sync_outcome) is
  'Attempts of an organisation by day in Europe/Oslo, or by so many days each; none for days without. Both ends inclusive.';

-- What the coordinators' page reads again and again, in one question a tick. An invoker function: grants and row level
-- security decide what it sees, and a reading that is refused leaves its own part empty, not the whole answer.

create function hlf_sync.get_organisations()
returns table (organisation_id uuid, name text, is_enabled boolean)
language sql
stable
security definer
set search_path = ''
as $$
  select o.organisation_id, o.name, coalesce(w.is_enabled, false)
  from hlf_sync.organisations as o
  left join public.hlf_sync_switches as w on w.organisation_id = o.organisation_id
  where o.organisation_id = any (array(select hlf_sync.coordinated_organisation_ids()))
  order by o.name, o.organisation_id
$$;
comment on function hlf_sync.get_organisations() is 'The organisations that the caller coordinates, and whether each is switched on.';

create function public.get_hlf_organisations()
returns table (organisation_id uuid, name text, is_enabled boolean)
language sql
stable
set search_path = ''
as $$
  select * from hlf_sync.get_organisations()
$$;
comment on function public.get_hlf_organisations() is 'For coordinators: their organisations, and whether each is synchronised.';

create function hlf_sync.get_mentors(org_id uuid, after_mentor_id uuid, page_size integer, mentor_ids uuid[])
returns table (mentor_id uuid, name text, is_shown boolean, reason text, certificate_expires_on date)
language sql
stable
security definer
set search_path = ''
as $$
  select m.mentor_id, m.name, m.is_shown, m.reason, c.expires_on
  from hlf_sync.mentors as m
  left join hlf_sync.certificates as c on c.mentor_id = m.mentor_id
  where m.organisation_id = org_id
    and org_id = any (array(select hlf_sync.coordinated_organisation_ids()))
    and (after_mentor_id is null or m.mentor_id > after_mentor_id)
    and (get_mentors.mentor_ids is null or m.mentor_id = any (get_mentors.mentor_ids))
  order by m.mentor_id
  limit page_size
$$;
comment on function hlf_sync.get_mentors(uuid, uuid, integer, uuid[]) is
  'Mentors of an organisation that the caller coordinates, by pages in the order of their ids; of others none.';

create function public.get_hlf_mentors(
  org_id uuid, after_mentor_id uuid default null, page_size integer default null, mentor_ids uuid[] default null
)
returns table (mentor_id uuid, name text, is_shown boolean, reason text, certificate_expires_on date)
language sql
stable
set search_path = ''
as $$
  select * from hlf_sync.get_mentors(org_id, after_mentor_id, page_size, mentor_ids)
$$;
comment on function public.get_hlf_mentors(uuid, uuid, integer, uuid[]) is
  'For coordinators: the mentors of one of their organisations as the app has them; all of them without a page size.';

create function public.read_hlf_sync_news(org_id uuid, since timestamptz default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  news jsonb;
  -- What began before the last answer may have been committed after it.
  changed_after constant timestamptz := coalesce(since - interval '30 seconds', '-infinity');
begin
  select jsonb_build_object(
    'read_at', now(),
    'organisation', (
      select jsonb_build_object('id', o.organisation_id, 'name', o.name, 'is_enabled', o.is_enabled)
      from public.get_hlf_organisations() as o
      where o.organisation_id = org_id
    ),
    'state_count', count(*),
    'states', coalesce(jsonb_agg(to_jsonb(s)) filter (where s.updated_at > changed_after), '[]')
  )
  into news
  from (
    select
      mentor_id, wanted_operation, generation, triggered_by_event, due_at, attempts, in_flight_attempt_id,
      confirmed_operation, confirmed_generation, confirmed_at, dead_lettered_at, updated_at,
      -- The request's number is in the log, for whoever wants it; here it would be most of the answer.
      regexp_replace(last_error, ' request=.*$', '') as last_error
    from public.hlf_sync_state
    where organisation_id = org_id
  ) as s;

  begin
    news := news || jsonb_build_object('mentors', (
      select coalesce(jsonb_agg(to_jsonb(m)), '[]')
      from (
        select
          mentor_id as id, coalesce(name, '') as full_name, reason as status,
          certificate_expires_on as certification_expiry_date
        from public.get_hlf_mentors(
          org_id, mentor_ids => case when since is not null then array(
            select (state ->> 'mentor_id')::uuid from jsonb_array_elements(news -> 'states') as state
          ) end
        )
      ) as m
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('gate', (
      select jsonb_build_object('closed_until', g.closed_until, 'reason', g.reason)
      from public.hlf_sync_gate as g
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('alerts', (
      select coalesce(jsonb_agg(to_jsonb(a) order by a.opened_at desc), '[]')
      from (select kind, opened_at from public.hlf_sync_alerts where closed_at is null) as a
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('nights', (
      select coalesce(jsonb_agg(to_jsonb(last)), '[]')
      from (select started_at, finished_at from public.hlf_nightly_runs order by run_date desc limit 1) as last
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('notifications', (
      select coalesce(jsonb_agg(to_jsonb(latest) order by latest.created_at desc), '[]')
      from (
        select c.id, c.mentor_id, c.kind, c.created_at
        from public.hlf_coordinator_notifications as c
        where c.organisation_id = org_id and c.created_at > now() - interval '14 days'
        order by c.created_at desc
        limit 8
      ) as latest
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('newest_attempt', (
      select log.id
      from public.hlf_sync_audit_log as log
      where log.organisation_id = org_id
      order by log.created_at desc, log.id desc
      limit 1
    ));
  exception when insufficient_privilege then
    null;
  end;

  return news;
end
$$;
comment on function public.read_hlf_sync_news(uuid, timestamptz) is
  'What the coordinators'' page shows of an organisation, as far as the caller may see: everything, or what has changed '
  'since an earlier answer was read. A part that may not be read is missing.';

-- All privileges, in one place. Until here nobody but the owner could use the schema `hlf_sync`, and each table in `public` had
-- row level security. A logical backup does not keep what was revoked: after a restore under open default privileges everything
-- is everybody's until this is called.

create function hlf_sync.restore_privileges()
returns void
language plpgsql
set search_path = ''
as $$
begin
  revoke all on schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on all tables in schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on all sequences in schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on all functions in schema hlf_sync from public, anon, authenticated, service_role;
  revoke all on
    public.hlf_coordinator_notifications,
    public.hlf_nightly_runs, public.hlf_sync_alerts, public.hlf_sync_audit_log, public.hlf_sync_audit_seals,
    public.hlf_sync_detached_partitions, public.hlf_sync_drifts, public.hlf_sync_gate, public.hlf_sync_manual_actions,
    public.hlf_sync_mentor_status, public.hlf_sync_state, public.hlf_sync_switches
  from public, anon, authenticated, service_role;
  revoke all on function
    public.begin_hlf_reconciliation, public.claim_hlf_break_glass, public.claim_hlf_sync_ahead,
    public.claim_hlf_sync_attempts, public.get_hlf_mentors,
    public.get_hlf_organisations, public.close_hlf_sync_gate, public.confirm_hlf_sync_project, public.hand_back_hlf_sync_attempts,
    public.find_hlf_break_glass_obstacles, public.finish_hlf_reconciliation, public.follow_hlf_sync_request,
    public.get_hlf_break_glass_view,
    public.read_hlf_sync_news, public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary,
    public.import_hlf_break_glass, public.admit_hlf_sync_request, public.note_hlf_sync_health, public.open_hlf_sync_gate,
    public.preview_hlf_sync, public.refuse_hlf_listings, public.report_hlf_listings, public.request_hlf_force_sync,
    public.requeue_hlf_dead_letters, public.settle_hlf_break_glass, public.settle_hlf_sync_attempts,
    public.verify_hlf_sync_audit
  from public, anon, authenticated, service_role;

  grant usage on schema hlf_sync to authenticated, service_role;

  -- What signed-in users read, row level security narrows down to their organisations.
  grant select on
    public.hlf_coordinator_notifications,
    public.hlf_sync_audit_log, public.hlf_sync_audit_seals, public.hlf_sync_detached_partitions,
    public.hlf_sync_drifts, public.hlf_sync_manual_actions, public.hlf_sync_mentor_status, public.hlf_sync_state, public.hlf_sync_switches
  to authenticated, service_role;
  -- What else these hold counts the mentors of every organisation.
  grant select (kind, opened_at, closed_at) on public.hlf_sync_alerts to authenticated;
  grant select (closed_until, reason) on public.hlf_sync_gate to authenticated;
  grant select (run_date, started_at, finished_at) on public.hlf_nightly_runs to authenticated;
  grant execute on function
    hlf_sync.coordinated_organisation_ids, hlf_sync.is_hlf_administrator, hlf_sync.verify_audit,
    hlf_sync.request_force_sync, hlf_sync.requeue_dead_letters, hlf_sync.get_break_glass_view,
    hlf_sync.claim_break_glass, hlf_sync.settle_break_glass,
    hlf_sync.find_break_glass_obstacles, hlf_sync.import_break_glass,
    public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary, public.verify_hlf_sync_audit,
    public.preview_hlf_sync, public.read_hlf_sync_news, public.request_hlf_force_sync, public.requeue_hlf_dead_letters,
    public.get_hlf_mentors, public.get_hlf_organisations, hlf_sync.get_mentors, hlf_sync.get_organisations,
    public.get_hlf_break_glass_view, public.claim_hlf_break_glass, public.settle_hlf_break_glass,
    public.find_hlf_break_glass_obstacles, public.import_hlf_break_glass
  to authenticated;

  -- The app's server reads these whole, and adds audit rows whose moment the database stamps.
  grant select on public.hlf_nightly_runs, public.hlf_sync_alerts, public.hlf_sync_gate to service_role;
  grant insert (
    id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
    triggered_by_event
  ) on public.hlf_sync_audit_log to service_role;
  grant execute on function
    hlf_sync.coordinated_organisation_ids, hlf_sync.is_sync_event, hlf_sync.is_sync_error, hlf_sync.uuid_v7_time,
    hlf_sync.today_in_oslo, hlf_sync.claim_attempts, hlf_sync.settle_attempts,
    hlf_sync.claim_ahead, hlf_sync.hand_back_attempts, hlf_sync.close_gate,
    hlf_sync.open_gate, hlf_sync.admit_request, hlf_sync.refuse_listings, hlf_sync.note_health, hlf_sync.confirm_project,
    hlf_sync.begin_reconciliation, hlf_sync.follow_request, public.follow_hlf_sync_request,
    hlf_sync.report_listings, hlf_sync.finish_reconciliation, hlf_sync.verify_audit,
    public.claim_hlf_sync_attempts, public.claim_hlf_sync_ahead, public.hand_back_hlf_sync_attempts,
    public.settle_hlf_sync_attempts, public.admit_hlf_sync_request, public.refuse_hlf_listings, public.close_hlf_sync_gate, public.open_hlf_sync_gate, public.note_hlf_sync_health,
    public.confirm_hlf_sync_project, public.begin_hlf_reconciliation, public.report_hlf_listings,
    public.finish_hlf_reconciliation, public.get_hlf_sync_audit_days, public.get_hlf_sync_audit_summary, public.verify_hlf_sync_audit
  to service_role;

  -- The module on certifications may have been left out, and an app may have a table of reminders of its own.
  if to_regclass('public.hlf_certification_policies') is not null then
    revoke all on public.hlf_certification_policies, public.cert_expiry_reminders, public.hlf_mentor_status_transitions
    from public, anon, authenticated, service_role;
    grant select on public.hlf_certification_policies, public.cert_expiry_reminders, public.hlf_mentor_status_transitions
    to authenticated, service_role;
    grant insert, update, delete on public.hlf_certification_policies to service_role;
  end if;
  perform hlf_sync.restore_app_privileges();
end
$$;
comment on function hlf_sync.restore_privileges() is
  'Makes all privileges what the migrations say. Idempotent; to be called after a backup was restored.';

select hlf_sync.restore_privileges();
