import * as z from "zod/mini";

/** Which project the page asks: it stands in the page itself, so that nothing has to be fetched for it. */
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
    z.refine((key) => !isSecret(key), "must not be a secret key"),
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
 * Checks settings, whoever gives them.
 *
 * @throws {ConfigError} when they are missing or wrong
 */
export function parseConfig(value: unknown): Config {
  const parsed = config.safeParse(value);
  if (!parsed.success) {
    throw new ConfigError(
      "Needs the address of the Supabase project and its publishable key",
      { cause: parsed.error },
    );
  }
  return {
    supabaseUrl: parsed.data.supabaseUrl.replace(/\/+$/, ""),
    publishableKey: parsed.data.publishableKey,
  };
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
