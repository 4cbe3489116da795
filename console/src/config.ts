import * as z from "zod/mini";

/** How somebody may sign in, in the order in which the ways are offered. */
export const SIGN_IN_WAYS = ["password", "email_code", "azure"] as const;
export type SignInWay = typeof SIGN_IN_WAYS[number];

/** What differs between those who host the page; it stands in the page itself, so that nothing has to be fetched for it. */
export interface Settings {
  readonly signIn: readonly SignInWay[];
  /** Who helps a coordinator: «den som drifter løsningen», by name. */
  readonly support: Support | null;
  /** Whom to call when a person must be off the website at once. */
  readonly urgent: { readonly phone: string; readonly text: string | null } | null;
  /** The public page. */
  readonly websiteUrl: string | null;
  /** A mentor's listing on it, with `{id}` where the mentor's id goes. */
  readonly listingUrl: string | null;
  /** How long the public page may lag behind what Dynamics has confirmed. */
  readonly websiteLagMinutes: number;
}

export interface Support {
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
}

/** Which project the page asks, and the settings. */
export interface Config extends Settings {
  /** Address of the Supabase project, without a slash at the end. */
  readonly supabaseUrl: string;
  /** The publishable key; it is public by design, and row level security decides what it opens. */
  readonly publishableKey: string;
}

/** A public page behind a CDN follows within so long. */
const DEFAULT_LAG_MINUTES = 75;

const phone = z.string().check(z.regex(/^\+?[\d ]{3,20}$/));
const webAddress = z.url({ protocol: /^https?$/ });

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
  support: z._default(
    z.nullable(z.strictObject({
      name: z.string().check(z.minLength(1)),
      email: z._default(z.nullable(z.email()), null),
      phone: z._default(z.nullable(phone), null),
    })),
    null,
  ),
  urgent: z._default(
    z.nullable(z.strictObject({ phone, text: z._default(z.nullable(z.string()), null) })),
    null,
  ),
  websiteUrl: z._default(z.nullable(webAddress), null),
  listingUrl: z._default(
    z.nullable(webAddress.check(z.refine((url) => url.includes("{id}"), "needs {id} in it"))),
    null,
  ),
  websiteLagMinutes: z._default(
    z.int().check(z.nonnegative(), z.maximum(1440)),
    DEFAULT_LAG_MINUTES,
  ),
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

/** The settings are missing or of no use. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "invalid_config";
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

/**
 * Reads the settings as they stand in the page.
 *
 * @throws {ConfigError} when they are missing or wrong
 */
export function readConfig(content: string | null): Config {
  let value: unknown;
  try {
    value = JSON.parse(content ?? "");
  } catch (cause) {
    throw new ConfigError("Cannot read the settings", { cause });
  }
  return parseConfig(value);
}
