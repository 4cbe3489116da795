-- The adapter of an app with profiles, roles per organisation (none means everywhere), a certificate of each kind that is
-- required, and rows that are marked as deleted. It reminds of certificates itself: adopted `--without certifications`.

create or replace view hlf_sync.organisations as
select o.id as organisation_id, o.name
from public.organizations as o
where o.deleted_at is null;

create or replace view hlf_sync.mentors as
select
  m.id as mentor_id, m.organization_id as organisation_id, seen.reason = 'active' as is_shown, seen.reason,
  concat_ws(' ', p.first_name, p.last_name) as name
from public.mentor_profiles as m
join public.profiles as p on p.id = m.profile_id and p.deleted_at is null
join public.organizations as o on o.id = m.organization_id and o.deleted_at is null
cross join lateral (
  select case
    when m.status in ('inactive', 'withdrawn') then 'resigned'
    when m.status = 'on_leave' then 'paused'
    when m.status <> 'active' then m.status
    when exists (
      select from public.certification_types as t
      where t.is_required and not exists (
        select from public.certifications as c
        where c.mentor_profile_id = m.id and c.type_id = t.id and c.revoked_at is null
          and (c.expires_on is null or c.expires_on >= (now() at time zone 'Europe/Oslo')::date)
      )
    ) then 'expired_cert'
    else 'active'
  end as reason
) as seen
where m.deleted_at is null;

create or replace function hlf_sync.coordinated_organisation_ids()
returns setof uuid language plpgsql stable security definer set search_path = ''
as $$
begin
  return query
  select o.id from public.organizations as o
  where exists (
    select from public.user_roles as r
    where r.user_id = (select auth.uid()) and r.role in ('org_admin', 'org_staff', 'super_admin')
      and (r.organization_id is null or r.organization_id = o.id)
  );
end
$$;

create or replace function hlf_sync.is_hlf_administrator()
returns boolean language sql stable security definer set search_path = ''
as $$
  select exists (
    select from public.user_roles as r
    where r.user_id = (select auth.uid()) and r.role = 'super_admin' and r.organization_id is null
  )
$$;

select hlf_sync.track_table('public.mentor_profiles', 'id', 'status', 'profile_id', 'organization_id', 'deleted_at');
select hlf_sync.track_table('public.certifications', 'mentor_profile_id', 'type_id', 'expires_on', 'revoked_at');
select hlf_sync.track_related_table('public.profiles', 'id', 'public.mentor_profiles', 'profile_id', 'id', 'deleted_at');
select hlf_sync.track_related_table('public.organizations', 'id', 'public.mentor_profiles', 'organization_id', 'id', 'deleted_at');
select hlf_sync.track_for_everybody('public.certification_types');

select hlf_sync.restore_privileges();
