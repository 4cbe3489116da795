-- The roles of a Supabase project, and what they may do with whatever is later made in `public`.
-- Left out: the roles of the other services, and supautils, which keeps `postgres` from changing the API roles; so that it
-- cannot here either, it has no admin option on them.
-- https://supabase.com/docs/guides/database/postgres/roles

do $$
begin
  -- Who runs the migrations and owns what they make; no superuser, but for PGlite, whose only user it is.
  if to_regrole('postgres') is null then
    create role postgres nologin nosuperuser createdb replication bypassrls;
  end if;
  if to_regrole('anon') is null then
    create role anon nologin;
  end if;
  if to_regrole('authenticated') is null then
    create role authenticated nologin;
  end if;
  if to_regrole('service_role') is null then
    create role service_role nologin bypassrls;
  end if;
  -- Whom REST logs in as.
  if to_regrole('authenticator') is null then
    create role authenticator nologin noinherit;
  end if;
  -- Fewer rights until version 16, where CREATEROLE is a right to change every role, reserved or not.
  if current_setting('server_version_num')::integer >= 160000 then
    alter role postgres createrole;
  end if;
end
$$;

grant anon, authenticated, service_role to authenticator, postgres;
grant usage on schema public to postgres, anon, authenticated, service_role;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
-- supautils lets `postgres` set this one, with which a backup is restored.
grant set on parameter session_replication_role to postgres;

-- A statement of REST has eight seconds, and so has its wait for a lock; one of the anonymous caller three.
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role authenticated set statement_timeout = '8s';
alter role anon set statement_timeout = '3s';

-- Hosted, REST cannot update or delete without WHERE, inside functions neither (SQLSTATE 21000). Debian has no package of it.
do $$
begin
  load 'safeupdate';
  set safeupdate.enabled = off;
  alter role authenticator set session_preload_libraries = 'safeupdate';
exception
  when undefined_file then null;
end
$$;
