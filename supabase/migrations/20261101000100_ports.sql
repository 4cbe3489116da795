-- The ports: all that hlf-sync knows of the app it is in. The views and functions here know nobody; the adapter, the one file
-- that is the app's own, replaces them with `create or replace`, so Postgres itself refuses one that leaves a column out.
-- Everything in this schema is internal: PostgREST exposes `public` only, so a security definer function here cannot be
-- called from outside unless a thin function in `public` hands it on. What a role of the API, a trigger, a port, a job or an operator
-- begins is one, so that it always runs as the owner; what only such functions call need not be. Only its owner may use the
-- schema, until the migration `views_and_privileges` grants by name what each role may do.

create schema hlf_sync;
comment on schema hlf_sync is 'Internals of hlf-sync; never exposed over REST.';

-- Views, because a function with a search_path is not inlined and a view is.
create view hlf_sync.organisations as
select null::uuid as organisation_id, null::text as name
where false;
comment on view hlf_sync.organisations is 'Port: the organisations that mentors belong to.';

create view hlf_sync.mentors as
select
  null::uuid as mentor_id, null::uuid as organisation_id, null::boolean as is_shown, null::text as reason, null::text as name
where false;
comment on view hlf_sync.mentors is 'Port: one row per mentor there is. Who is gone has no row, and is hidden.';
comment on column hlf_sync.mentors.is_shown is 'Whether the website is to show the mentor.';
comment on column hlf_sync.mentors.reason is
  'active, paused, expired_cert or resigned; another word is recorded as status_change:active or status_change:hidden.';
comment on column hlf_sync.mentors.name is 'For the coordinators'' page only; null where the app has none.';

create view hlf_sync.certificates as
select null::uuid as mentor_id, null::date as expires_on
where false;
comment on view hlf_sync.certificates is 'Port, optional: one row per mentor with a certification that ends.';
comment on column hlf_sync.certificates.expires_on is 'The last day on which it is valid.';

create function hlf_sync.coordinated_organisation_ids()
returns setof uuid
language sql
stable
security definer
set search_path = ''
as $$
  select null::uuid where false
$$;
comment on function hlf_sync.coordinated_organisation_ids() is
  'Port: organisations that the caller coordinates. Policies call it as `= any (array(select …))`, so it runs once per query.';

create function hlf_sync.is_hlf_administrator()
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select false
$$;
comment on function hlf_sync.is_hlf_administrator() is 'Port: whether the caller is an administrator of HLF, who may break the glass.';

create function hlf_sync.work_on_certifications(on_date date, out reminded integer, out expired integer, out duplicates integer)
language sql
security definer
set search_path = ''
as $$
  select 0, 0, 0
$$;
comment on function hlf_sync.work_on_certifications(date) is
  'Port, optional: what the night of a date does about certifications. It may be called again for the same date.';

create function hlf_sync.restore_app_privileges()
returns void
language sql
set search_path = ''
as $$
  select
$$;
comment on function hlf_sync.restore_app_privileges() is
  'Port, optional: makes the privileges on the app''s own tables what they are to be, after a backup was restored.';
