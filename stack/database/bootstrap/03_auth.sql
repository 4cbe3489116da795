-- Who is asking: the functions that policies call. They read the claims as PostgREST leaves them, in either form.
-- Left out: the tables; @supabase/lite makes its own, a subset of GoTrue's, right after this file.
-- https://supabase.com/docs/guides/database/postgres/row-level-security#helper-functions

create schema if not exists auth;
grant usage on schema auth to anon, authenticated, service_role;
-- The owner of a project's database may use what Auth owns, and refer to it.
grant usage on schema auth to postgres;
alter default privileges in schema auth grant all on tables to postgres;
alter default privileges in schema auth grant all on sequences to postgres;
-- Not so really: PostgREST believes a token that is signed, where lite looks for its user and session first.
grant usage on schema auth to authenticator;
alter default privileges in schema auth grant select on tables to authenticator;

do $outer$
begin
  if to_regprocedure('auth.jwt()') is not null then
    return;
  end if;

  create function auth.jwt()
  returns jsonb
  language sql
  stable
  as $$
    select coalesce(
      nullif(current_setting('request.jwt.claim', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')
    )::jsonb
  $$;

  create function auth.uid()
  returns uuid
  language sql
  stable
  as $$
    select coalesce(
      nullif(current_setting('request.jwt.claim.sub', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
    )::uuid
  $$;

  create function auth.role()
  returns text
  language sql
  stable
  as $$
    select coalesce(
      nullif(current_setting('request.jwt.claim.role', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
    )
  $$;

  create function auth.email()
  returns text
  language sql
  stable
  as $$
    select coalesce(
      nullif(current_setting('request.jwt.claim.email', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
    )
  $$;
end
$outer$;
