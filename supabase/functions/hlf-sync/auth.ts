import { extractCredentials, verifyAuth } from "@supabase/server/core";
import type { Settings } from "../_shared/settings.ts";

/** Who a request claims to be, as far as it can be told without reading its body. */
export function hasCredentials(request: Request): boolean {
  const { apikey, token } = extractCredentials(request);
  return apikey !== null || token !== null;
}

/**
 * Whether `apikey` holds one of the secret keys. The comparison takes the same time for every wrong
 * key.
 * <https://github.com/supabase/server/blob/main/docs/security.md>
 */
export async function hasSecretKey(
  request: Request,
  supabase: Settings["supabase"],
): Promise<boolean> {
  const { error } = await verifyAuth(request, {
    auth: "secret:*",
    env: {
      url: supabase.url,
      secretKeys: { ...supabase.secretKeys },
      publishableKeys: { ...supabase.publishableKeys },
      jwks: null,
    },
  });
  return error === null;
}

/**
 * The user's token, unverified: the database verifies it and decides what its owner may do. Null
 * when there is none, or an API key in its place.
 */
export function userToken(request: Request): string | null {
  const { token } = extractCredentials(request);
  return token === null || token.startsWith("sb_") ? null : token;
}
