-- The schema that hosted Supabase installs extensions into, with pgcrypto, which every project has.
-- Left out: uuid-ossp and pg_stat_statements.

create schema if not exists extensions;
grant usage on schema extensions to anon, authenticated, service_role;
grant all on schema extensions to postgres;

do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pgcrypto') then
    create extension if not exists pgcrypto with schema extensions;
  end if;
end
$$;

-- Hosted Supabase has this schema in the search_path: for every session to come, and for this one.
do $$
begin
  execute format('alter database %I set search_path to "$user", public, extensions', current_database());
end
$$;
select set_config('search_path', '"$user", public, extensions', false);
