-- The adapter of the bundled app: what an app writes to be synchronised. Examples for other shapes are in docs/guides/adopting.md.

create or replace view hlf_sync.organisations as
select o.id as organisation_id, o.name
from public.organisations as o;

create or replace view hlf_sync.mentors as
select
  m.id as mentor_id, m.organisation_id, m.status = 'active' as is_shown, m.status::text as reason, m.full_name as name
from public.mentors as m;

create or replace view hlf_sync.certificates as
select m.id as mentor_id, m.certification_expiry_date as expires_on
from public.mentors as m
where m.certification_expiry_date is not null;

create or replace function hlf_sync.coordinated_organisation_ids()
returns setof uuid
-- Every query under row level security begins with it, so it is plpgsql, which keeps its plan.
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query
  select m.organisation_id
  from public.organisation_members as m
  where m.user_id = (select auth.uid()) and m.role = 'coordinator';
end
$$;

create or replace function hlf_sync.is_hlf_administrator()
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (
    select from public.organisation_members
    where user_id = (select auth.uid()) and role = 'administrator'
  )
$$;

create or replace function hlf_sync.expire_mentors(mentor_ids uuid[], on_date date)
returns setof uuid
language sql
security definer
set search_path = ''
as $$
  -- The current status is checked by the update itself: whoever paused or renewed meanwhile is left alone.
  update public.mentors as m set status = 'expired_cert', updated_at = now()
  where m.id = any (array(
      select locked.id from public.mentors as locked
      where locked.id = any (mentor_ids) order by locked.id for update skip locked
    ))
    and m.status = 'active' and m.certification_expiry_date < on_date
  returning m.id
$$;

create or replace function hlf_sync.restore_app_privileges()
returns void
language sql
set search_path = ''
as $$
  revoke all on public.organisations, public.organisation_members, public.mentors
  from public, anon, authenticated, service_role;
  grant select on public.organisations, public.organisation_members, public.mentors to authenticated;
  grant all on public.organisations, public.organisation_members, public.mentors to service_role
$$;

select hlf_sync.track_table('public.mentors', 'id', 'status', 'organisation_id');

select hlf_sync.restore_privileges();
