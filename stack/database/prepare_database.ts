import { bootstrapDatabase, type DefaultPrivileges } from "./bootstrap.ts";
import type { StackDatabase } from "./database.ts";
import { applyMigrations, applySeed } from "./migrations.ts";

/** Brings an empty database to the current schema: bootstrap and migrations. */
export async function prepareDatabase(
  database: StackDatabase,
  options: { defaultPrivileges?: DefaultPrivileges } = {},
): Promise<void> {
  await bootstrapDatabase(database, options);
  await applyMigrations(database);
}

/** Vault's entries that the database calls the function with. */
interface VaultSecrets {
  readonly hlf_sync_function_url: string;
  readonly hlf_sync_secret_key: string;
  readonly hlf_sync_alert_webhook_url: string;
}

/** Puts the secrets into Vault, then the seed's rows into the tables: triggers that they set off find their secrets. */
export async function seedDatabase(
  database: StackDatabase,
  secrets: VaultSecrets,
  seedPath?: string,
): Promise<void> {
  for (const [name, value] of Object.entries(secrets)) {
    await database.query("select vault.create_secret($1, $2)", [value, name]);
  }
  await applySeed(database, seedPath);
}
