import {
  DEFAULT_CLIENT_ID,
  DEFAULT_CLIENT_SECRET,
  DEFAULT_TENANT_ID,
} from "../../simulator/defaults.ts";
import type { ApiKeys } from "../rest/api_keys.ts";

/**
 * What the function is told: what the hosted runtime gives it, and the settings for the simulator. Left out is
 * `SUPABASE_DB_URL`, a superuser's access that this function has no use for.
 * <https://supabase.com/docs/guides/functions/secrets#default-secrets>
 */
export function functionEnvironment(
  addresses: { readonly apiUrl: string; readonly simulatorUrl: string },
  keys: ApiKeys,
): Record<string, string> {
  return {
    SUPABASE_URL: addresses.apiUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    SB_REGION: "local",
    ...dynamicsEnvironment(addresses),
  };
}

/** The settings for the simulator, of the function and of whoever asks Dynamics by hand. */
export function dynamicsEnvironment(
  { simulatorUrl }: { readonly simulatorUrl: string },
): Record<string, string> {
  return {
    DYNAMICS_URL: simulatorUrl,
    DYNAMICS_AUTHORITY_HOST: simulatorUrl,
    DYNAMICS_TENANT_ID: DEFAULT_TENANT_ID,
    DYNAMICS_CLIENT_ID: DEFAULT_CLIENT_ID,
    DYNAMICS_CLIENT_SECRET: DEFAULT_CLIENT_SECRET,
  };
}
