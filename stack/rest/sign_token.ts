/**
 * A token with these claims, signed as Auth signs its own (HS256), for tests of what is not to be let in.
 * <https://www.rfc-editor.org/rfc/rfc7519>
 */
export async function signToken(
  claims: Readonly<Record<string, unknown>>,
  secret: string,
): Promise<string> {
  const signed = [{ alg: "HS256", typ: "JWT" }, claims].map(encode).join(".");
  const key = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(signed));
  return `${signed}.${base64Url(new Uint8Array(signature))}`;
}

function encode(part: unknown): string {
  return base64Url(new TextEncoder().encode(JSON.stringify(part)));
}

function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
