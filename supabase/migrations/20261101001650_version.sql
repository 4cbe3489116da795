-- The last of the core, so that it says that everything before is there. Each release replaces it in a migration
-- of its own, the last. The doctor compares it with its own, and with the function's.

create function hlf_sync.version()
returns text
language sql
immutable
set search_path = ''
as $$
  select '1.0.0'
$$;
comment on function hlf_sync.version() is 'The release of hlf-sync whose migrations are all applied.';
revoke execute on function hlf_sync.version() from public, anon, authenticated, service_role;
