-- The last of the core, so that it says that everything before is there. Each release that changes the schema replaces it in
-- its own last migration. The doctor compares it with its own, and with the function's.

create function hlf_sync.version()
returns text
language sql
immutable
set search_path = ''
as $$
  select 'unreleased'
$$;
comment on function hlf_sync.version() is 'The release of hlf-sync whose migrations are all applied.';
revoke execute on function hlf_sync.version() from public, anon, authenticated, service_role;
