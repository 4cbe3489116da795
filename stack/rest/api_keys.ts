import { generateApiKey } from "@supabase/lite";

/** What a stack's callers and its auth service authenticate with. */
export interface ApiKeys {
  /** `sb_publishable_…`: acts as `anon`, and may be public. */
  readonly publishableKey: string;
  /** `sb_secret_…`: acts as `service_role`. */
  readonly secretKey: string;
  /** Signs users' tokens (HS256). */
  readonly jwtSecret: string;
}

/**
 * New keys in the form of a project's own.
 * <https://supabase.com/docs/guides/api/api-keys>
 */
export async function generateApiKeys(): Promise<ApiKeys> {
  const [publishable, secret] = await Promise.all([
    generateApiKey("publishable"),
    generateApiKey("secret"),
  ]);
  const random = crypto.getRandomValues(new Uint8Array(32));
  return { publishableKey: publishable.key, secretKey: secret.key, jwtSecret: random.toHex() };
}
