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
    'states', coalesce(
      jsonb_agg(
        jsonb_build_object(
          'mentor_id', s.mentor_id,
          'wanted_operation', s.wanted_operation,
          'generation', s.generation,
          'triggered_by_event', s.triggered_by_event,
          'due_at', s.due_at,
          'attempts', s.attempts,
          'in_flight_attempt_id', s.in_flight_attempt_id,
          'confirmed_operation', s.confirmed_operation,
          'confirmed_generation', s.confirmed_generation,
          'confirmed_at', s.confirmed_at,
          'dead_lettered_at', s.dead_lettered_at,
          -- The request's number is in the log, for whoever wants it; here it would be most of the answer.
          'last_error', regexp_replace(s.last_error, ' request=.*$', ''),
          'updated_at', s.updated_at
        )
      ) filter (where s.updated_at > changed_after),
      '[]'
    )
  )
  into news
  from public.hlf_sync_state as s
  where s.organisation_id = org_id;

  begin
    news := news || jsonb_build_object('mentors', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'id', m.mentor_id,
            'full_name', coalesce(m.name, ''),
            'status', m.reason,
            'certification_expiry_date', m.certificate_expires_on
          )
        ),
        '[]'
      )
      from public.get_hlf_mentors(
        org_id, mentor_ids => case when since is not null then array(
          select s.mentor_id
          from public.hlf_sync_state as s
          where s.organisation_id = org_id and s.updated_at > changed_after
        ) end
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
      select coalesce(
        jsonb_agg(jsonb_build_object('kind', a.kind, 'opened_at', a.opened_at) order by a.opened_at desc), '[]'
      )
      from public.hlf_sync_alerts as a
      where a.closed_at is null
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('nights', (
      select coalesce(
        jsonb_agg(jsonb_build_object('started_at', last.started_at, 'finished_at', last.finished_at)), '[]'
      )
      from (
        select n.started_at, n.finished_at
        from public.hlf_nightly_runs as n
        order by n.run_date desc
        limit 1
      ) as last
    ));
  exception when insufficient_privilege then
    null;
  end;

  begin
    news := news || jsonb_build_object('notifications', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'id', latest.id, 'mentor_id', latest.mentor_id, 'kind', latest.kind, 'created_at', latest.created_at
          )
          order by latest.created_at desc
        ),
        '[]'
      )
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

revoke execute on function public.read_hlf_sync_news(uuid, timestamptz) from public, anon;
grant execute on function public.read_hlf_sync_news(uuid, timestamptz) to authenticated;
