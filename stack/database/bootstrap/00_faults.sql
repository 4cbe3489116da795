-- A switch for each part of the platform that can refuse its service, for tests and for `chaos`: one row committed, or
-- updated in a transaction that is rolled back. No real project has this schema.

create schema if not exists stand_in;
grant usage on schema stand_in to public;

create table if not exists stand_in.faults (
  part text primary key,
  is_out_of_order boolean not null default false
);
comment on table stand_in.faults is
  '`pg_net`: net.http_post and the like raise 42501, as on all of Supabase on 26 February 2025. `vault`: '
  'vault.decrypted_secrets raises 22000, as after a restore into another project.';
-- Whoever may run SQL in a throwaway database may break it.
grant select, update on stand_in.faults to public;
insert into stand_in.faults (part) values ('pg_net'), ('vault') on conflict do nothing;

create or replace function stand_in.is_out_of_order(part text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return coalesce((select f.is_out_of_order from stand_in.faults as f where f.part = $1), false);
end
$$;
