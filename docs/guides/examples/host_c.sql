-- The adapter of an app with Norwegian names, whose mentors are a view over several tables that looks at the date, and whose
-- roles are in the token (app_metadata): somebody who was removed coordinates until the token ends.

create or replace view hlf_sync.organisations as
select o.id as organisation_id, o.navn as name
from public.organisasjoner as o;

create or replace view hlf_sync.mentors as
select
  l.id as mentor_id, l.organisasjon_id as organisation_id, l.status = 'aktiv' as is_shown,
  case l.status when 'aktiv' then 'active' when 'pause' then 'paused' when 'utlopt' then 'expired_cert' else 'resigned' end as reason,
  l.navn as name
from public.likepersoner as l
join public.likepersonroller as r on r.id = l.id
join public.personer as p on p.id = r.person_id
where p.slettet_tid is null;

create or replace view hlf_sync.certificates as
select l.id as mentor_id, l.gyldig_til as expires_on
from public.likepersoner as l
where l.gyldig_til is not null;

create or replace function hlf_sync.coordinated_organisation_ids()
returns setof uuid language plpgsql stable security definer set search_path = ''
as $$
begin
  return query select app.mine_organisasjoner('koordinator');
end
$$;

create or replace function hlf_sync.is_hlf_administrator()
returns boolean language sql stable security definer set search_path = ''
as $$
  select coalesce((select auth.jwt()) -> 'app_metadata' ->> 'hovedadmin' = 'true', false)
$$;

select hlf_sync.track_table('public.likepersonroller', 'id', 'person_id', 'organisasjon_id', 'til');
select hlf_sync.track_table('public.permisjoner', 'rolle_id', 'fra', 'til');
select hlf_sync.track_related_table('public.personer', 'id', 'public.likepersonroller', 'person_id', 'id', 'slettet_tid');
select hlf_sync.track_related_table(
  'public.kursbevis', 'person_id', 'public.likepersonroller', 'person_id', 'id', 'kurstype', 'gyldig_til'
);

select hlf_sync.restore_privileges();
