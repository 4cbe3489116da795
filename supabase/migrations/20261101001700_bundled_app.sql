-- The bundled app: the tables an app has already, kept to the fewest, so that hlf-sync can be tried and tested by itself. Whoever
-- has an app leaves this file and the adapter out.

create type public.mentor_status as enum ('active', 'paused', 'expired_cert', 'resigned');
comment on type public.mentor_status is 'Only `active` mentors are listed on the public website.';

create type public.organisation_role as enum ('administrator', 'coordinator', 'member');
comment on type public.organisation_role is 'What a signed-in user is within an organisation; an administrator is one of HLF itself, for all of them.';

create table public.organisations (
  id uuid primary key default gen_random_uuid(),
  name text not null
);
comment on table public.organisations is 'Organisations that mentors belong to.';

create table public.organisation_members (
  organisation_id uuid not null references public.organisations (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role public.organisation_role not null,
  primary key (organisation_id, user_id)
);
comment on table public.organisation_members is 'Which signed-in user is what in which organisation.';
create index organisation_members_user_id_idx on public.organisation_members (user_id);

create table public.mentors (
  id uuid primary key default gen_random_uuid(),
  organisation_id uuid not null references public.organisations (id) on delete cascade,
  full_name text not null,
  email text,
  status public.mentor_status not null default 'active',
  certification_expiry_date date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.mentors is 'Peer mentors: the only table of this project that holds personal data.';
comment on column public.mentors.certification_expiry_date is 'The last day on which the certification is valid.';
create index mentors_organisation_id_idx on public.mentors (organisation_id);

alter table public.organisations enable row level security;
alter table public.organisation_members enable row level security;
alter table public.mentors enable row level security;

create policy "Coordinators read their organisations"
on public.organisations for select to authenticated
using (id = any (array(select hlf_sync.coordinated_organisation_ids())));

create policy "Users read their own memberships"
on public.organisation_members for select to authenticated
using (user_id = (select auth.uid()));

create policy "Coordinators read their mentors"
on public.mentors for select to authenticated
using (organisation_id = any (array(select hlf_sync.coordinated_organisation_ids())));
