import * as z from "zod/mini";
import type { Failure } from "../_shared/dataverse/classify.ts";
import type { Listing } from "../_shared/dataverse/listing_query.ts";
import { DatabaseError, describe } from "../_shared/errors.ts";
import { DataverseError } from "../_shared/dataverse/dataverse_error.ts";
import { type Log, safeCode } from "../_shared/log.ts";
import { callFunction, type DatabaseClient, nothing } from "../_shared/service_client.ts";

/** What a night's comparison found. */
export interface Reconciliation {
  /** How many were read. */
  readonly listings: number;
  /** Published, but of nobody this project ever knew; left alone. */
  readonly unknown: number;
  /** Differed from what the app wants, and are due now. */
  readonly drifts: number;
  /** Published, with a key that an update cannot name. */
  readonly unaddressable: number;
  /** Whether the reading was taken for the truth; if not, nothing followed from it. */
  readonly isBelieved: boolean;
}

/** The night in the database. Every call throws {@linkcode DatabaseError} on a fault. */
export interface Night {
  /**
   * A reader's token; null when the night is done, another worker is at it, the gate is closed, or Dynamics is another
   * environment than before.
   */
  begin(leaseSeconds: number, organisationId: string | null): Promise<string | null>;
  /** Notes a page and renews the lease. */
  report(reader: string, page: readonly Listing[], leaseSeconds: number): Promise<void>;
  /** Compares what was noted with what the app wants, and makes due what differs. */
  finish(reader: string): Promise<Reconciliation>;
  /** Notes that what was read cannot be believed, and raises the alert. */
  refuse(reader: string): Promise<void>;
}

/** Longer than a page takes to read and to note; whoever dies is replaced after it. */
const LEASE_SECONDS = 60;

const token = z.nullable(z.guid());
const found = z.lazy(() =>
  z.tuple([z.object({
    listing_count: z.int(),
    unknown_listing_count: z.int(),
    drift_count: z.int(),
    unaddressable_count: z.int(),
    is_believed: z.boolean(),
  })])
);

/** The night over REST. `client` carries a secret key. */
export function createNight(client: DatabaseClient): Night {
  return {
    begin: (leaseSeconds, organisationId) =>
      callFunction(client, "begin_hlf_reconciliation", {
        lease_seconds: leaseSeconds,
        ...(organisationId !== null && { environment_id: organisationId }),
      }, token),

    report(reader, page, leaseSeconds) {
      const idsOf = (is: (listing: Listing) => boolean) =>
        page.filter(is).flatMap(({ mentorId }) => mentorId ?? []);
      const isLost = (listing: Listing) => listing.published && !listing.isAddressable;
      return callFunction(client, "report_hlf_listings", {
        reader,
        published_mentor_ids: idsOf((listing) => listing.published && listing.isAddressable),
        hidden_mentor_ids: idsOf((listing) => !listing.published && listing.isAddressable),
        unaddressable_mentor_ids: idsOf(isLost),
        unaddressable_count: page.filter(isLost).length,
        lease_seconds: leaseSeconds,
      }, nothing);
    },

    async finish(reader) {
      const [row] = await callFunction(client, "finish_hlf_reconciliation", { reader }, found);
      return {
        listings: row.listing_count,
        unknown: row.unknown_listing_count,
        drifts: row.drift_count,
        unaddressable: row.unaddressable_count,
        isBelieved: row.is_believed,
      };
    },

    refuse: (reader) => callFunction(client, "refuse_hlf_listings", { reader }, nothing),
  };
}

/**
 * Reads all listings and has the database compare them with what the app wants; whoever differs is
 * due afterwards. A page is forgotten once it is noted, so the memory does not grow with their
 * number. An unfinished night is begun again by the sweep, so only a fault of our own is thrown.
 */
export async function reconcile(
  { night, listings, admit, apply, organisationId, log }: {
    readonly night: Night;
    readonly listings: () => AsyncIterable<Listing[]>;
    /** Asks for each page, as a page is a request that counts. */
    readonly admit: () => Promise<boolean>;
    /** Told of whatever the answers ask of everybody. */
    readonly apply: (failure: Failure) => Promise<void>;
    readonly organisationId: string | null;
    readonly log: Log;
  },
): Promise<void> {
  let reader: string | null = null;

  /** What a failed reading means for others: a wait, a closed gate, an alert. */
  async function follow(error: DataverseError): Promise<void> {
    if (error.failure !== null) await apply(error.failure);
    if (!error.isUnreadable || reader === null) return;
    log({ level: "error", event: "reading_implausible" });
    try {
      await night.refuse(reader);
    } catch (fault) {
      log({ level: "error", event: "reconciliation_failed", ...describe(fault) });
    }
  }

  try {
    reader = await night.begin(LEASE_SECONDS, organisationId);
    if (reader === null) return;
    const pages = listings()[Symbol.asyncIterator]();
    while (true) {
      if (!await admit()) throw new DataverseError("throttled", null);
      const page = await pages.next();
      if (page.done) break;
      await night.report(reader, page.value, LEASE_SECONDS);
    }
    const { isBelieved, ...found } = await night.finish(reader);
    log(
      isBelieved
        ? { level: "info", event: "night_finished", ...found }
        : { level: "error", event: "reading_implausible", listings: found.listings },
    );
  } catch (error) {
    const known = error instanceof DataverseError
      ? { code: safeCode(error.code) }
      : describe(error);
    log({ level: "error", event: "reconciliation_failed", ...known });
    if (!(error instanceof DataverseError || error instanceof DatabaseError)) throw error;
    if (error instanceof DataverseError) await follow(error);
  }
}
