import { systemClock } from "../../supabase/functions/_shared/clock.ts";
import {
  createDataverseClient,
  type DataverseClient,
} from "../../supabase/functions/_shared/dataverse/client.ts";
import { createTokenSource } from "../../supabase/functions/_shared/dataverse/token.ts";
import { SettingsError } from "../../supabase/functions/_shared/errors.ts";
import { readSettings } from "../../supabase/functions/_shared/settings.ts";
import { OperationError } from "../cli/errors.ts";

/**
 * Dynamics, by the function's own settings.
 *
 * @throws {OperationError} `usage`, with every setting that is wrong
 */
export function connectFromEnvironment(
  environment: Readonly<Record<string, string>>,
): DataverseClient {
  try {
    const { dynamics, sync } = readSettings({
      ...environment,
      // Of the function's settings only those of Dynamics matter here.
      SUPABASE_URL: "http://127.0.0.1",
      SUPABASE_SECRET_KEYS: '{"default":"sb_secret_none"}',
      SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_none"}',
    });
    const timeoutSeconds = sync.requestTimeoutSeconds;
    const outside = { fetch, clock: systemClock };
    const tokens = createTokenSource(
      { ...dynamics, resourceUrl: dynamics.url, timeoutSeconds },
      outside,
    );
    return createDataverseClient({ ...dynamics, timeoutSeconds }, { ...outside, tokens });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new OperationError("usage", error.problems.join("\n"), { cause: error });
  }
}
