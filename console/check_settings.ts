import * as z from "zod/mini";
import { type Config, ConfigError, SIGN_IN_WAYS } from "./src/model/config.ts";

/** A public page behind a CDN follows within so long. */
const DEFAULT_LAG_MINUTES = 75;

const phone = z.string().check(z.regex(/^\+?[\d ]{3,20}$/));
const webAddress = z.url({ protocol: /^https?$/ });

/** What may be left out, and is nothing then. */
function optional<Type extends z.ZodMiniType>(type: Type) {
  return z._default(z.nullable(type), null);
}

const config = z.strictObject({
  supabaseUrl: webAddress,
  publishableKey: z.string().check(
    z.minLength(1),
    z.refine((key) => !isSecret(key), "must not be a secret key"),
  ),
  signIn: z._default(z.array(z.enum(SIGN_IN_WAYS)).check(z.minLength(1)), [
    "password",
    "email_code",
  ]),
  support: optional(z.strictObject({
    name: z.string().check(z.minLength(1)),
    email: optional(z.email()),
    phone: optional(phone),
  })),
  urgent: optional(z.strictObject({ phone, text: optional(z.string()) })),
  websiteUrl: optional(webAddress),
  listingUrl: optional(
    webAddress.check(z.refine((url) => url.includes("{id}"), "needs {id} in it")),
  ),
  websiteLagMinutes: z._default(
    z.int().check(z.nonnegative(), z.maximum(1440)),
    DEFAULT_LAG_MINUTES,
  ),
  asksThroughHost: z._default(z.boolean(), false),
});

/** A secret key of either kind: those of old are tokens, and say for which role. */
function isSecret(key: string): boolean {
  if (key.startsWith("sb_secret_")) return true;
  try {
    const payload = key.split(".")[1] ?? "";
    return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))).role !== "anon";
  } catch {
    return false;
  }
}

/**
 * Checks settings, whoever gives them; all but the first two may be left out.
 *
 * @throws {ConfigError} when they are missing or wrong
 */
export function parseConfig(value: unknown): Config {
  const parsed = config.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new ConfigError(
      `Needs the address of the Supabase project and its publishable key (${where.join("; ")})`,
      { cause: parsed.error },
    );
  }
  return { ...parsed.data, supabaseUrl: parsed.data.supabaseUrl.replace(/\/+$/, "") };
}
