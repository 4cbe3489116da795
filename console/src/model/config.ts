import * as v from "valibot";

/** How somebody may sign in, in the order in which the ways are offered. */
export const SIGN_IN_WAYS = ["password", "email_code", "azure"] as const;
type SignInWay = typeof SIGN_IN_WAYS[number];

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
  /** Whether the page's own host passes on to the project what the page asks of the database. */
  readonly asksThroughHost: boolean;
}

interface Support {
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

const text = v.nullable(v.string());

/** Their shape; whether they make sense is checked by the build, with rules that would only weigh down the page. */
const config = v.object({
  supabaseUrl: v.string(),
  publishableKey: v.string(),
  signIn: v.array(v.picklist(SIGN_IN_WAYS)),
  support: v.nullable(v.object({ name: v.string(), email: text, phone: text })),
  urgent: v.nullable(v.object({ phone: v.string(), text })),
  websiteUrl: text,
  listingUrl: text,
  websiteLagMinutes: v.number(),
  asksThroughHost: v.boolean(),
});

/** The settings are missing or of no use. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "invalid_config";
}

/**
 * Reads the settings as they stand in the page.
 *
 * @throws {ConfigError} when they are missing or wrong
 */
export function readConfig(content: string | null): Config {
  try {
    return v.parse(config, JSON.parse(content ?? ""));
  } catch (cause) {
    throw new ConfigError("Cannot read the settings", { cause });
  }
}
