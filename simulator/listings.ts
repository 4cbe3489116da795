import { UNNAMED_LISTING } from "./defaults.ts";
import { createGuid, type Random } from "./guids.ts";

/** What the published column may hold: nothing, or the number of a choice where it is no yes/no column. */
type PublishedValue = boolean | number | null;

/** What the application's user may do with one row. */
type RowAccess = "full" | "read" | "none";

/** One row of the listing table. */
export interface Listing {
  /** The guid Dataverse gave the row, in lower case. */
  readonly id: string;
  /** The alternate key: the mentor's id in the app, as whoever made the row has spelled it; null where it was left empty. */
  readonly mentorId: string | null;
  published: PublishedValue;
  access: RowAccess;
  name: string;
  /** Dataverse's `versionnumber`: rises with each write of any row. */
  version: number;
  /** Place in the order in which pages are read; never given twice. */
  readonly place: number;
}

/** What a row can be made of; what is left out takes Dataverse's default. */
export interface NewListing {
  id?: string;
  mentorId?: string | null;
  published?: PublishedValue;
  access?: RowAccess;
  name?: string;
}

/** What a write may change. */
interface ListingChange {
  published?: PublishedValue;
  access?: RowAccess;
  name?: string;
}

/** A row with this alternate key or guid is there already. */
export class DuplicateListingError extends Error {
  readonly code = "duplicate_listing";
  override readonly name = "DuplicateListingError";
}

/**
 * The listing table: rows found by guid or alternate key, and read in the order they were made.
 *
 * Keys are compared without regard to case, as Dataverse compares text.
 */
export class ListingStore {
  readonly #random: Random;
  readonly #byId = new Map<string, Listing>();
  readonly #byMentorId = new Map<string, Listing>();
  /** While the key's index is not active, two rows may have one key, and none is found by it. */
  isKeyActive = true;
  #inOrder: Listing[] = [];
  #version = 1_000_000;
  #place = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#inOrder.length;
  }

  byId(id: string): Listing | undefined {
    return this.#byId.get(id.toLowerCase());
  }

  byMentorId(mentorId: string): Listing | undefined {
    return this.#byMentorId.get(mentorId.toLowerCase());
  }

  /** All rows with a key: more than one only since a time without an active key. */
  allByMentorId(mentorId: string): Listing[] {
    const key = mentorId.toLowerCase();
    return this.#inOrder.filter((row) => row.mentorId?.toLowerCase() === key);
  }

  /**
   * Adds a row.
   *
   * @throws {DuplicateListingError} when the mentor or the guid has a row already.
   */
  create(listing: NewListing): Listing {
    const id = (listing.id ?? createGuid(this.#random)).toLowerCase();
    const mentorId = listing.mentorId ?? null;
    const isTaken = mentorId !== null && this.isKeyActive &&
      this.byMentorId(mentorId) !== undefined;
    if (this.#byId.has(id) || isTaken) {
      throw new DuplicateListingError(`Cannot add a listing: its key is taken: ${id}`);
    }
    const row: Listing = {
      id,
      mentorId,
      published: listing.published === undefined ? false : listing.published,
      access: listing.access ?? "full",
      name: listing.name ?? UNNAMED_LISTING,
      version: ++this.#version,
      place: ++this.#place,
    };
    this.#byId.set(id, row);
    if (mentorId !== null) this.#byMentorId.set(mentorId.toLowerCase(), row);
    this.#inOrder.push(row);
    return row;
  }

  /** Writes the change and gives the row a new version, even where nothing differs. */
  update(row: Listing, change: ListingChange): void {
    row.published = change.published === undefined ? row.published : change.published;
    row.access = change.access ?? row.access;
    row.name = change.name ?? row.name;
    row.version = ++this.#version;
  }

  delete(row: Listing): void {
    if (!this.#byId.delete(row.id)) return;
    const key = row.mentorId?.toLowerCase();
    if (key !== undefined && this.#byMentorId.get(key) === row) this.#byMentorId.delete(key);
    this.#inOrder.splice(this.#indexAfter(row.place) - 1, 1);
  }

  /** Takes all rows away and puts these in their stead. */
  replaceAll(listings: readonly NewListing[]): void {
    this.#byId.clear();
    this.#byMentorId.clear();
    this.#inOrder = [];
    for (const listing of listings) this.create(listing);
  }

  /**
   * The rows behind a place, in order; 0 starts at the beginning. Finding the start costs a binary
   * search, so reading a table page by page stays linear.
   */
  *after(place: number): Generator<Listing> {
    for (let index = this.#indexAfter(place);; index++) {
      const row = this.#inOrder[index];
      if (row === undefined) return;
      yield row;
    }
  }

  #indexAfter(place: number): number {
    let low = 0;
    let high = this.#inOrder.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#inOrder[middle]?.place ?? Infinity) <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The row's ETag, weak as Dataverse's are. */
export function etagOf(row: Listing): string {
  return `W/"${row.version}"`;
}
