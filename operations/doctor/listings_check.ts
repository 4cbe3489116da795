import type { DataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import { DataverseError } from "../../supabase/functions/_shared/dataverse/dataverse_error.ts";
import { type Check, check, type Finding, found, type Outcome } from "./finding.ts";

/** Whether the key attribute really is a key: every listing has one, and no two have the same. */
export function listingsCheck(dataverse: Pick<DataverseClient, "listings">): Check {
  return check("Every listing in Dynamics is of one mentor, and no two of the same", async () => {
    const seen = new Set<string>();
    const counts = { twice: 0, none: 0, odd: 0 };
    try {
      for await (const page of dataverse.listings()) {
        for (const { mentorId, isAddressable } of page) {
          if (mentorId === null) counts.none++;
          else if (seen.has(mentorId)) counts.twice++;
          else if (!isAddressable) counts.odd++;
          if (mentorId !== null) seen.add(mentorId);
        }
      }
    } catch (error) {
      if (!(error instanceof DataverseError)) throw error;
      return error.isUnreadable ? UNREADABLE : notRead(error);
    }
    if (seen.size + counts.none === 0) {
      return { unseen: ["there is not one listing in Dynamics that could be looked at"] };
    }
    return { findings: describe(counts) };
  });
}

const UNREADABLE = found(
  "The published column holds something else than yes or no, so no reading is believed.",
  {
    advice:
      "Column-level security without the right to read gives null, and so does a cleared value; a choice gives numbers. See docs/reference/dynamics.md.",
  },
);

function notRead({ code }: DataverseError): Outcome {
  return found(`The listings cannot be read: ${code}.`, {
    advice: "Check DYNAMICS_LISTING_SET, DYNAMICS_LISTING_KEY and the right to read.",
  });
}

function describe({ twice, none, odd }: { twice: number; none: number; odd: number }): Finding[] {
  const kinds = [
    {
      count: twice,
      what: "have a mentor's id that another listing has, too.",
      advice:
        "Remove them in Dynamics and activate the alternate key; see docs/guides/deploying.md, 1.",
    },
    {
      count: none,
      what: "have no mentor's id, so hlf-sync cannot hide them.",
      advice: "Fill in the key attribute in Dynamics.",
    },
    {
      count: odd,
      what: "have an id that is spelled otherwise than in the app, so hlf-sync cannot hide them.",
      advice: "Write it in Dynamics as the app does: no braces, no blanks.",
    },
  ];
  return kinds.filter(({ count }) => count > 0).map(({ count, what, advice }) => ({
    problem: `${count} listings ${what}`,
    remedy: { advice },
  }));
}
