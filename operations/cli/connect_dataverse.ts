import { type Clock, systemClock } from "../../supabase/functions/_shared/clock.ts";
import {
  createDataverseClient,
  type DataverseClient,
} from "../../supabase/functions/_shared/dataverse/client.ts";
import {
  createTokenSource,
  type TokenSource,
} from "../../supabase/functions/_shared/dataverse/token.ts";
import {
  type Environment,
  readSettings,
  type Settings,
} from "../../supabase/functions/_shared/settings.ts";

/** The function's own way of talking to Dynamics. */
export function connectDataverse(
  dynamics: Settings["dynamics"],
  timeoutSeconds: number,
  outside: { readonly fetch: typeof globalThis.fetch; readonly clock: Clock },
): { readonly tokens: TokenSource; readonly dataverse: DataverseClient } {
  const settings = { ...dynamics, resourceUrl: dynamics.url, timeoutSeconds };
  const tokens = createTokenSource(settings, outside);
  return { tokens, dataverse: createDataverseClient(settings, { ...outside, tokens }) };
}

/**
 * Dynamics, by the function's own settings.
 *
 * @throws {SettingsError} with every setting that is wrong
 */
export function connectFromEnvironment(environment: Environment): DataverseClient {
  const { dynamics, sync } = readSettings({
    ...environment,
    // Of the function's settings only those of Dynamics matter here.
    SUPABASE_URL: "http://127.0.0.1",
    SUPABASE_SECRET_KEYS: '{"default":"sb_secret_none"}',
    SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_none"}',
  });
  const outside = { fetch, clock: systemClock };
  return connectDataverse(dynamics, sync.requestTimeoutSeconds, outside).dataverse;
}
