import type { DataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import { DataverseError } from "../../supabase/functions/_shared/errors.ts";
import type { Check } from "./finding.ts";

/** Whether the key attribute really is a key: every listing has one, and no two have the same. */
export function listingsCheck(dataverse: Pick<DataverseClient, "listings">): Check {
  return {
    title: "No two listings in Dynamics are of one mentor",
    run: async () => {
      const seen = new Set<string>();
      let twice = 0;
      let none = 0;
      try {
        for await (const page of dataverse.listings()) {
          for (const { mentorId } of page) {
            if (mentorId === null) none++;
            else if (seen.has(mentorId.toLowerCase())) twice++;
            else seen.add(mentorId.toLowerCase());
          }
        }
      } catch (error) {
        if (!(error instanceof DataverseError)) throw error;
        return [{
          problem: `The listings cannot be read: ${error.code}.`,
          remedy: "Check DYNAMICS_LISTING_SET, DYNAMICS_LISTING_KEY and the right to read.",
        }];
      }
      return [
        ...(twice === 0 ? [] : [{
          problem: `${twice} listings have a mentor's id that another listing has, too.`,
          remedy:
            "Remove them in Dynamics and activate the alternate key; see docs/deploying.md, 1.",
        }]),
        ...(none === 0 ? [] : [{
          problem: `${none} listings have no mentor's id, so hlf-sync cannot hide them.`,
          remedy: "Fill in the key attribute in Dynamics.",
        }]),
      ];
    },
  };
}
