import {
  createDataverseClient,
  type DataverseClient,
} from "../../supabase/functions/_shared/dataverse/client.ts";
import {
  createTokenSource,
  type TokenSource,
} from "../../supabase/functions/_shared/dataverse/token.ts";
import { systemClock } from "../../supabase/functions/_shared/clock.ts";
import type { Settings } from "../../supabase/functions/_shared/settings.ts";

/** Longer than the function's, which has others waiting behind it. */
const TIMEOUT_SECONDS = 20;

export interface Dynamics {
  readonly tokens: TokenSource;
  readonly dataverse: DataverseClient;
}

/** The function's own way of talking to Dynamics, with credentials that were typed in. */
export function connectDynamics(settings: Settings["dynamics"]): Dynamics {
  const world = { fetch: globalThis.fetch, clock: systemClock };
  const tokens = createTokenSource({
    ...settings,
    resourceUrl: settings.url,
    timeoutSeconds: TIMEOUT_SECONDS,
  }, world);
  const dataverse = createDataverseClient(
    { ...settings, timeoutSeconds: TIMEOUT_SECONDS },
    { ...world, tokens },
  );
  return { tokens, dataverse };
}
