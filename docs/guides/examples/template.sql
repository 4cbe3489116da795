-- The adapter: all that hlf-sync knows of this app. This file belongs to the app; `adopt` never writes it again. How to fill it in,
-- with two apps as examples: docs/guides/adopting.md of hlf-sync. Take the comment marks away, and put your own tables in.
-- Whatever is not replaced here knows nobody.

-- create or replace view hlf_sync.organisations as
-- select o.id as organisation_id, o.name::text as name
-- from public.your_organisations as o;

-- One row per mentor there is: who is gone, or marked as deleted, has no row. `reason` is 'active' if and only if the website is
-- to show the mentor; else 'paused', 'expired_cert', 'resigned', or a word of your own.
-- create or replace view hlf_sync.mentors as
-- select
--   m.id as mentor_id, m.organisation_id, m.status = 'active' as is_shown, m.status::text as reason, m.full_name::text as name
-- from public.your_mentors as m
-- where m.deleted_at is null;

-- Only with the module on certifications: until when each mentor's is valid, that day included.
-- create or replace view hlf_sync.certificates as
-- select m.id as mentor_id, m.certified_until as expires_on
-- from public.your_mentors as m
-- where m.certified_until is not null;

-- create or replace function hlf_sync.coordinated_organisation_ids()
-- returns setof uuid language plpgsql stable security definer set search_path = ''
-- as $$
-- begin
--   return query
--   select r.organisation_id from public.your_roles as r
--   where r.user_id = (select auth.uid()) and r.role = 'coordinator';
-- end
-- $$;

-- An administrator of HLF itself, who may break the glass for every organisation. Leave it out, and nobody is one.
-- create or replace function hlf_sync.is_hlf_administrator()
-- returns boolean language sql stable security definer set search_path = ''
-- as $$
--   select exists (
--     select from public.your_roles as r
--     where r.user_id = (select auth.uid()) and r.role = 'hlf_administrator'
--   )
-- $$;

-- Every table that decides who is shown, its column with the mentor's id, and the columns that decide.
-- select hlf_sync.track_table('public.your_mentors', 'id', 'status', 'organisation_id', 'deleted_at');
-- And a table whose rows concern mentors by way of another one.
-- select hlf_sync.track_related_table('public.your_persons', 'id', 'public.your_mentors', 'person_id', 'id', 'deleted_at');

-- Has to be the last line.
select hlf_sync.restore_privileges();
