import { z } from "zod";
import type { Listing } from "../_shared/dataverse/listing_query.ts";
import { DatabaseError, DataverseError, describe } from "../_shared/errors.ts";
import { type Log, safeCode } from "../_shared/log.ts";
import { type DatabaseClient, unwrap } from "../_shared/service_client.ts";
import { read } from "./queue.ts";

/** What a night's comparison found. */
export interface Reconciliation {
  readonly listings: number;
  /** Published, but of nobody this project ever knew; left alone. */
  readonly unknown: number;
  /** Differed from what the app wants, and are due now. */
  readonly drifts: number;
}

/** The night in the database. Every call throws {@linkcode DatabaseError} on a fault. */
export interface Night {
  /** A reader's token; null when the night is done, or another worker is at it. */
  begin(leaseSeconds: number): Promise<string | null>;
  /** Notes a page and renews the lease. */
  report(reader: string, page: readonly Listing[], leaseSeconds: number): Promise<void>;
  finish(reader: string): Promise<Reconciliation>;
}

/** Longer than a page takes to read and to note; whoever dies is replaced after it. */
const LEASE_SECONDS = 60;

// Made once: a night asks it for every listing.
const guid = z.guid();

const token = z.guid().nullable();
const found = z.array(z.object({
  listing_count: z.int(),
  unknown_listing_count: z.int(),
  drift_count: z.int(),
})).length(1);

/** The night over REST. `client` carries a secret key. */
export function createNight(client: DatabaseClient): Night {
  return {
    async begin(leaseSeconds) {
      const name = "begin_hlf_reconciliation";
      return read(name, await client.rpc(name, { lease_seconds: leaseSeconds }), token);
    },

    async report(reader, page, leaseSeconds) {
      const known = page.filter(hasUuid);
      const idsOf = (published: boolean) =>
        known.filter((listing) => listing.published === published)
          .map((listing) => listing.mentorId);
      unwrap(
        "report_hlf_listings",
        await client.rpc("report_hlf_listings", {
          reader,
          published_mentor_ids: idsOf(true),
          hidden_mentor_ids: idsOf(false),
          lease_seconds: leaseSeconds,
        }),
      );
    },

    async finish(reader) {
      const name = "finish_hlf_reconciliation";
      const [row] = read(name, await client.rpc(name, { reader }), found);
      return {
        listings: row?.listing_count ?? 0,
        unknown: row?.unknown_listing_count ?? 0,
        drifts: row?.drift_count ?? 0,
      };
    },
  };
}

/** A key that is no uuid belongs to no mentor of this app. */
function hasUuid(listing: Listing): listing is Listing & { mentorId: string } {
  return guid.safeParse(listing.mentorId).success;
}

/**
 * Reads all listings and has the database compare them with what the app wants; whoever differs is
 * due afterwards. A page is forgotten once it is noted, so the memory does not grow with their
 * number. Never throws: an unfinished night is begun again by the sweep.
 */
export async function reconcile(
  { night, listings, log }: {
    readonly night: Night;
    readonly listings: () => AsyncIterable<Listing[]>;
    readonly log: Log;
  },
): Promise<void> {
  try {
    const reader = await night.begin(LEASE_SECONDS);
    if (reader === null) return;
    for await (const page of listings()) await night.report(reader, page, LEASE_SECONDS);
    log({ level: "info", event: "night_finished", ...await night.finish(reader) });
  } catch (error) {
    const known = error instanceof DataverseError
      ? { code: safeCode(error.code) }
      : describe(error);
    log({ level: "error", event: "reconciliation_failed", ...known });
    if (!(error instanceof DataverseError || error instanceof DatabaseError)) throw error;
  }
}
