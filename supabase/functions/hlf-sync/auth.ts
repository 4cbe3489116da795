import { equalBytes } from "@noble/ciphers/utils.js";
import type { Settings } from "../_shared/settings.ts";

/** Who a request claims to be, as far as it can be told without reading its body. */
export function hasCredentials(request: Request): boolean {
  return request.headers.get("apikey") !== null || bearer(request) !== null;
}

/**
 * Whether `apikey` holds one of the secret keys. The comparison takes the same time for every wrong key of the right
 * length, which is no secret; WebCrypto, which could sign both, takes a cold isolate a millisecond to load.
 * <https://docs.deno.com/examples/timing_safe_comparison/>
 */
export function hasSecretKey(
  request: Request,
  { secretKeys }: Pick<Settings["supabase"], "secretKeys">,
): boolean {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const given = bytes(request.headers.get("apikey") ?? "");
  // All of them are compared, so that it does not show which one it was.
  return Object.values(secretKeys).map((key) => equalBytes(given, bytes(key))).includes(true);
}

/**
 * The user's token, unverified: the database verifies it and decides what its owner may do. Null
 * when there is none, or an API key in its place.
 */
export function userToken(request: Request): string | null {
  const token = bearer(request);
  return token === null || token.startsWith("sb_") ? null : token;
}

function bearer(request: Request): string | null {
  return /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
}
