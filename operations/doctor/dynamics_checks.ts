import { systemClock } from "../../supabase/functions/_shared/clock.ts";
import { createDataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import { createTokenSource } from "../../supabase/functions/_shared/dataverse/token.ts";
import { SettingsError } from "../../supabase/functions/_shared/errors.ts";
import { readSettings } from "../../supabase/functions/_shared/settings.ts";
import type { Check } from "./finding.ts";
import { listingTableCheck } from "./listing_table_check.ts";
import { listingsCheck } from "./listings_check.ts";

const TITLE = "The listings in Dynamics are as hlf-sync needs them";

/** Only where the settings of Dynamics are at hand; the function has its own. */
export function dynamicsChecks(environment: Readonly<Record<string, string>>): Check[] {
  if (!environment.DYNAMICS_CLIENT_SECRET) {
    return [{
      title: TITLE,
      run: () =>
        Promise.resolve({ unseen: ["put the function's DYNAMICS_… into the environment"] }),
    }];
  }
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
    const dataverse = createDataverseClient({ ...dynamics, timeoutSeconds }, {
      ...outside,
      tokens,
    });
    return [listingTableCheck(dataverse), listingsCheck(dataverse)];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const findings = error.problems.map((problem) => ({
      problem,
      remedy: { advice: "Correct it here, and where the function has it (supabase secrets set)." },
    }));
    return [{ title: TITLE, run: () => Promise.resolve({ findings }) }];
  }
}
