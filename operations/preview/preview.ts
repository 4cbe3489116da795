import type postgres from "postgres";
import type { DataverseClient } from "../../supabase/functions/_shared/dataverse/client.ts";
import type { Listing } from "../../supabase/functions/_shared/dataverse/listing_query.ts";
import { DataverseError } from "../../supabase/functions/_shared/dataverse/dataverse_error.ts";
import { OperationError } from "../cli/errors.ts";
import { compare, type Mentor, type Organisation, type Preview } from "./compare.ts";

/**
 * What hlf-sync would do if everything were switched on now. Only reads.
 *
 * @throws {OperationError} `refused` when Dynamics does not give the listings
 */
export async function preview(
  sql: postgres.Sql,
  dataverse: Pick<DataverseClient, "listings">,
): Promise<Preview> {
  const organisations = await sql<Organisation[]>`
    select o.organisation_id as "organisationId", o.name, coalesce(w.is_enabled, false) as "isSwitchedOn"
    from hlf_sync.organisations as o
    left join public.hlf_sync_switches as w on w.organisation_id = o.organisation_id
    order by o.name, o.organisation_id`;
  const mentors = await sql<Mentor[]>`
    select m.mentor_id as "mentorId", m.organisation_id as "organisationId", coalesce(m.is_shown, false) as "isShown"
    from hlf_sync.mentors as m`;
  return compare(organisations, mentors, await readListings(dataverse));
}

async function readListings(dataverse: Pick<DataverseClient, "listings">): Promise<Listing[]> {
  try {
    return (await Array.fromAsync(dataverse.listings())).flat();
  } catch (error) {
    if (!(error instanceof DataverseError)) throw error;
    throw new OperationError("refused", `The listings cannot be read: ${error.code}`, {
      cause: error,
    });
  }
}
