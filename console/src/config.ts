import * as z from "zod/mini";

/** What the page has to be told by whoever puts it somewhere: `config.json` beside it. */
export interface Config {
  /** Address of the Supabase project, without a slash at the end. */
  readonly supabaseUrl: string;
  /** The publishable key; it is public by design, and row level security decides what it opens. */
  readonly publishableKey: string;
}

const config = z.object({
  supabaseUrl: z.url({ protocol: /^https?$/ }),
  publishableKey: z.string().check(
    z.minLength(1),
    z.refine((key) => !key.startsWith("sb_secret_"), "must not be a secret key"),
  ),
});

/** The settings are missing or of no use. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "invalid_config";
}

/**
 * Reads the settings.
 *
 * @throws {ConfigError} when they are missing or wrong
 */
export async function loadConfig(get: typeof fetch = fetch): Promise<Config> {
  let value: unknown;
  try {
    const response = await get("config.json", { cache: "no-cache" });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    value = await response.json();
  } catch (cause) {
    throw new ConfigError("Cannot read config.json", { cause });
  }
  const parsed = config.safeParse(value);
  if (!parsed.success) {
    throw new ConfigError("config.json is not of use", { cause: parsed.error });
  }
  return {
    supabaseUrl: parsed.data.supabaseUrl.replace(/\/+$/, ""),
    publishableKey: parsed.data.publishableKey,
  };
}
