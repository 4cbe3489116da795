import { assertMatch, assertNotEquals } from "@std/assert";
import { generateApiKeys } from "./api_keys.ts";

Deno.test("generateApiKeys() gives keys in the form of a hosted project's", async () => {
  const keys = await generateApiKeys();
  assertMatch(keys.publishableKey, /^sb_publishable_[\w-]{22}_[\w-]{8}$/);
  assertMatch(keys.secretKey, /^sb_secret_[\w-]{22}_[\w-]{8}$/);
  assertMatch(keys.jwtSecret, /^[0-9a-f]{64}$/);
});

Deno.test("generateApiKeys() never gives the same keys twice", async () => {
  const [one, two] = await Promise.all([generateApiKeys(), generateApiKeys()]);
  assertNotEquals(one.secretKey, two.secretKey);
  assertNotEquals(one.jwtSecret, two.jwtSecret);
});
