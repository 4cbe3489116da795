-- What hosted Supabase did until 2026, and what a restored or self-hosted project may still do: whatever is made in
-- `public` is open to the API roles until a migration revokes it. New projects, and since 30 October 2026 all, grant
-- nothing. The migrations have to end in the same privileges on both.
-- https://github.com/orgs/supabase/discussions/45329

do $$
declare
  maker text;
begin
  foreach maker in array array['postgres', current_user::text] loop
    execute format(
      'alter default privileges for role %I in schema public grant all on tables to anon, authenticated, service_role', maker
    );
    execute format(
      'alter default privileges for role %I in schema public grant all on functions to anon, authenticated, service_role', maker
    );
    execute format(
      'alter default privileges for role %I in schema public grant all on sequences to anon, authenticated, service_role', maker
    );
  end loop;
end
$$;
