-- Stands in for Supabase Vault 0.3: the same table, view, functions and privileges.
-- Left out: encryption. Secrets lie in this database in base64, so no real secret belongs in it.
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

  -- What is stored is not what was put in: whoever reads `secret` in place of `decrypted_secret`, or writes it, notices.
  create function vault._encrypt(secret text)
  returns text
  language sql
  immutable
  set search_path = ''
  as $$
    select encode(convert_to(secret, 'UTF8'), 'base64')
  $$;

  create function vault._decrypt(secret text)
  returns text
  language plpgsql
  stable
  set search_path = ''
  as $$
  begin
    if stand_in.is_out_of_order('vault') then
      -- As in a project whose Vault was restored from another's: its root key is another one.
      raise exception 'pgsodium_crypto_aead_det_decrypt_by_id: invalid ciphertext' using errcode = '22000';
    end if;
    return convert_from(decode(secret, 'base64'), 'UTF8');
  end
  $$;

  create view vault.decrypted_secrets as
  select
    id, name, description, secret, vault._decrypt(secret) as decrypted_secret, key_id, nonce, created_at, updated_at
  from vault.secrets;

  create function vault.create_secret(
    new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null
  )
  returns uuid
  language sql
  security definer
  set search_path = ''
  as $$
    insert into vault.secrets (secret, name, description)
    values (vault._encrypt(new_secret), new_name, new_description)
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
  language plpgsql
  security definer
  set search_path = ''
  as $$
  begin
    -- Really so: the secret that was is decrypted first, so a Vault that cannot be decrypted cannot be mended by this.
    perform s.decrypted_secret from vault.decrypted_secrets as s where s.id = secret_id;
    update vault.secrets as s
    set
      secret = coalesce(vault._encrypt(new_secret), s.secret),
      name = coalesce(new_name, s.name),
      description = coalesce(new_description, s.description),
      updated_at = now()
    where s.id = secret_id;
  end
  $$;

  -- Nobody but the platform writes to the table, save deleting; the functions do.
  grant usage on schema vault to postgres with grant option;
  grant select, delete on vault.secrets, vault.decrypted_secrets to postgres with grant option;
  -- Vault 0.3 gives service_role what postgres has.
  grant usage on schema vault to service_role;
  grant select, delete on vault.secrets, vault.decrypted_secrets to service_role;
  revoke execute on all functions in schema vault from public;
  grant execute on function
    vault._decrypt, vault.create_secret, vault.update_secret
  to postgres, service_role;
end
$outer$;
