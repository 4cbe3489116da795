import { SettingsError } from "../../supabase/functions/_shared/errors.ts";
import { connectFromEnvironment } from "../cli/connect_dataverse.ts";
import { type Check, check, type Outcome } from "./finding.ts";
import { listingTableCheck } from "./listing_table_check.ts";
import { listingsCheck } from "./listings_check.ts";

const TITLE = "The listings in Dynamics are as hlf-sync needs them";

/** Only where the settings of Dynamics are at hand; the function has its own. */
export function dynamicsChecks(environment: Readonly<Record<string, string>>): Check[] {
  const known = (outcome: Outcome) => [check(TITLE, () => Promise.resolve(outcome))];
  if (!environment.DYNAMICS_CLIENT_SECRET) {
    return known({ unseen: ["put the function's DYNAMICS_… into the environment"] });
  }
  try {
    const dataverse = connectFromEnvironment(environment);
    return [listingTableCheck(dataverse), listingsCheck(dataverse)];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const advice = "Correct it here, and where the function has it (supabase secrets set).";
    return known({ findings: error.problems.map((problem) => ({ problem, remedy: { advice } })) });
  }
}
