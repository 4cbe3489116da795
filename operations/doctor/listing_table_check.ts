import type { DataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import type { ListingTable } from "../../supabase/functions/_shared/dataverse/listing_table.ts";
import { type Check, check, type Finding } from "./finding.ts";

const KEY_REMEDIES: Readonly<Record<string, string>> = {
  Pending: "Wait until Dynamics has built its index, then look again.",
  InProgress: "Wait until Dynamics has built its index, then look again.",
  Failed: "Remove listings with the same id in Dynamics, then activate the key (Power Apps, Keys).",
};

/**
 * Whether the table is as the settings say, before the first attempt shows it.
 * <https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity>
 */
export function listingTableCheck(
  dataverse: Pick<DataverseClient, "describeListings">,
): Check {
  return check("The listing table in Dynamics is as the settings say", async () => {
    const table = await dataverse.describeListings();
    if (!("kind" in table)) return { findings: findProblems(table) };
    return table.class === "forbidden"
      // The role that it needs to work has no such right.
      ? { unseen: ["the application user may not read how the table is made (forbidden)"] }
      : { unchecked: [`Dynamics does not say how the table is made (${table.class})`] };
  });
}

function findProblems({ publishedType, keyType, keyStatus }: ListingTable): Finding[] {
  const findings: Finding[] = [];
  const find = (problem: string, advice: string) => findings.push({ problem, remedy: { advice } });
  if (publishedType === null) {
    find("There is no column of the name in DYNAMICS_LISTING_PUBLISHED.", "Correct the setting.");
  } else if (publishedType !== "Boolean") {
    find(
      `The column in DYNAMICS_LISTING_PUBLISHED is no yes/no column (${publishedType}).`,
      "Name the yes/no column that the website filters by, or have HLF's IT make one.",
    );
  }
  if (keyType === null) {
    find("There is no column of the name in DYNAMICS_LISTING_KEY.", "Correct the setting.");
    return findings;
  }
  if (keyType !== "String") {
    find(
      `The column in DYNAMICS_LISTING_KEY is no text column (${keyType}).`,
      "Have HLF's IT make a text column with the mentor's uuid, and a key on it.",
    );
  }
  if (keyStatus === null) {
    find(
      "The column in DYNAMICS_LISTING_KEY has no alternate key of its own.",
      "Have HLF's IT add an alternate key on this column alone; see docs/guides/deploying.md, 1.",
    );
  } else if (keyStatus !== "Active") {
    find(
      `The alternate key is not active: ${keyStatus}.`,
      KEY_REMEDIES[keyStatus] ?? "Activate it.",
    );
  }
  return findings;
}
