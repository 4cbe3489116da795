-- Stands in for Supabase Vault 0.3: the same table, view and functions.
-- Left out: encryption. Secrets lie in this database as plain text, so no real secret belongs in it.
-- https://supabase.com/docs/guides/database/vault

do $outer$
begin
  if to_regnamespace('vault') is not null then
    return;
  end if;

  create schema vault;

  create table vault.secrets (
    id uuid primary key default gen_random_uuid(),
    name text,
    description text not null default '',
    secret text not null,
    key_id uuid,
    nonce bytea,
    created_at timestamptz not null default current_timestamp,
    updated_at timestamptz not null default current_timestamp
  );
  create unique index on vault.secrets (name) where name is not null;

  create view vault.decrypted_secrets as
  select id, name, description, secret, secret as decrypted_secret, key_id, nonce, created_at, updated_at
  from vault.secrets;

  create function vault.create_secret(
    new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null
  )
  returns uuid
  language sql
  set search_path = ''
  as $$
    insert into vault.secrets (secret, name, description)
    values (new_secret, new_name, new_description)
    returning id
  $$;

  create function vault.update_secret(
    secret_id uuid,
    new_secret text default null,
    new_name text default null,
    new_description text default null,
    new_key_id uuid default null
  )
  returns void
  language sql
  set search_path = ''
  as $$
    update vault.secrets as s
    set
      secret = coalesce(new_secret, s.secret),
      name = coalesce(new_name, s.name),
      description = coalesce(new_description, s.description),
      updated_at = now()
    where s.id = secret_id
  $$;

  -- Vault 0.3 gives service_role what postgres has.
  grant usage on schema vault to service_role;
  grant select, delete on vault.secrets, vault.decrypted_secrets to service_role;
  revoke execute on all functions in schema vault from public;
  grant execute on all functions in schema vault to service_role;
end
$outer$;
