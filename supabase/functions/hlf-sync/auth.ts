import type { Settings } from "../_shared/settings.ts";

/** Who a request claims to be, as far as it can be told without reading its body. */
export function hasCredentials(request: Request): boolean {
  return request.headers.get("apikey") !== null || bearer(request) !== null;
}

/**
 * Whether `apikey` holds one of the secret keys. The comparison takes the same time for every wrong key, as WebCrypto
 * verifies a signature in constant time. <https://w3c.github.io/webcrypto/#hmac-operations-verify>
 */
export async function hasSecretKey(
  request: Request,
  { secretKeys }: Pick<Settings["supabase"], "secretKeys">,
): Promise<boolean> {
  const given = request.headers.get("apikey");
  if (given === null) return false;
  const bytes = (text: string) => new TextEncoder().encode(text);
  // Imported, not generated: what generates keys takes a cold isolate of Deno longer to load than all of the function.
  const random = crypto.getRandomValues(new Uint8Array(32));
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const once = await crypto.subtle.importKey("raw", random, hmac, false, ["sign", "verify"]);
  const signature = await crypto.subtle.sign("HMAC", once, bytes(given));
  const matches = await Promise.all(
    Object.values(secretKeys).map((key) =>
      crypto.subtle.verify("HMAC", once, signature, bytes(key))
    ),
  );
  return matches.includes(true);
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
