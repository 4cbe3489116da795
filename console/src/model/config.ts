import * as v from "valibot";

/** How somebody may sign in, in the order in which the ways are offered. */
export const SIGN_IN_WAYS = ["password", "email_code", "azure"] as const;

const text = v.nullable(v.string());

/** Their shape; whether they make sense is checked by the build, with rules that would only weigh down the page. */
const config = v.object({
  /** Address of the Supabase project, without a slash at the end. */
  supabaseUrl: v.string(),
  /** The publishable key; it is public by design, and row level security decides what it opens. */
  publishableKey: v.string(),
  signIn: v.array(v.picklist(SIGN_IN_WAYS)),
  /** Who helps a coordinator: «den som drifter løsningen», by name. */
  support: v.nullable(v.object({ name: v.string(), email: text, phone: text })),
  /** Whom to call when a person must be off the website at once. */
  urgent: v.nullable(v.object({ phone: v.string(), text })),
  /** The public page. */
  websiteUrl: text,
  /** A mentor's listing on it, with `{id}` where the mentor's id goes. */
  listingUrl: text,
  /** How long the public page may lag behind what Dynamics has confirmed. */
  websiteLagMinutes: v.number(),
  /** Whether the page's own host passes on to the project what the page asks of the database. */
  asksThroughHost: v.boolean(),
});

/** Which project the page asks, and the settings. */
export type Config = Readonly<v.InferOutput<typeof config>>;
/** What differs between those who host the page; it stands in the page itself, so that nothing has to be fetched for it. */
export type Settings = Omit<Config, "supabaseUrl" | "publishableKey">;

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
