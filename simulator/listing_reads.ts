import { LISTING_ID, LISTING_KEY, LISTING_SET } from "./defaults.ts";
import { etagOf, type Listing, type ListingStore } from "./listings.ts";
import { emptyReply, jsonReply, type Reply, type SimulatorRequest } from "./messages.ts";
import type { ListingKey } from "./odata_key.ts";
import { type ListingQuery, meets, pageSizeOf, parseListingQuery, project } from "./odata_query.ts";
import { writeSkipToken } from "./skip_token.ts";
import { findListing, listingNotFound } from "./listing_writes.ts";

const ROWS_PER_PIECE = 250;

/**
 * GET of one row, with its ETag; `If-None-Match` with that ETag answers 304.
 *
 * @throws {ODataError} 404 when it is not there.
 */
export function readListing(
  store: ListingStore,
  key: ListingKey,
  request: SimulatorRequest,
): Reply {
  const query = parseListingQuery(request.search);
  const row = findListing(store, key);
  if (row === undefined || row.access === "none") throw listingNotFound(key);
  const etag = etagOf(row);
  if (request.header("if-none-match") === etag) return emptyReply(304, { etag });
  return jsonReply(200, representation(row, query.select, request), { etag });
}

/**
 * GET of the table: one page, streamed, and an opaque link to the next.
 *
 * @throws {ODataError} when the query cannot be read.
 */
export function readListings(store: ListingStore, request: SimulatorRequest): Reply {
  const query = parseListingQuery(request.search);
  const { size, applied } = pageSizeOf(request.header("prefer"));
  const limit = Math.min(size, query.top ?? size);
  const rows = takeMatching(store, query, limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && query.top === null && last !== undefined;
  const nextLink = more ? nextLinkOf(request, query.cursor.page + 1, last.place) : null;
  return {
    status: 200,
    headers: {
      "content-type": "application/json; odata.metadata=minimal; charset=utf-8",
      ...(applied === null ? {} : { "preference-applied": applied }),
    },
    body: pageInPieces(page, query, contextOf(request, query.select), nextLink),
  };
}

/** The row as a single entity, as GET and `Prefer: return=representation` answer it. */
export function representation(
  row: Listing,
  select: readonly string[] | null,
  request: SimulatorRequest,
): Record<string, unknown> {
  return {
    "@odata.context": `${contextOf(request, select)}/$entity`,
    "@odata.etag": etagOf(row),
    ...project(row, select),
  };
}

function takeMatching(store: ListingStore, query: ListingQuery, count: number): Listing[] {
  const taken: Listing[] = [];
  for (const row of candidates(store, query)) {
    // Dataverse says nothing of what the user may not read.
    if (row.access === "none" || !meets(row, query.conditions)) continue;
    taken.push(row);
    if (taken.length === count) break;
  }
  return taken;
}

function candidates(store: ListingStore, { conditions, cursor }: ListingQuery): Iterable<Listing> {
  for (const { property, operator, value } of conditions) {
    if (operator !== "eq" || typeof value !== "string") continue;
    if (property !== LISTING_KEY && property !== LISTING_ID) continue;
    const row = store.byId(value);
    const rows = property === LISTING_KEY ? store.allByMentorId(value) : row ? [row] : [];
    return rows.filter(({ place }) => place > cursor.place);
  }
  return store.after(cursor.place);
}

function* pageInPieces(
  page: readonly Listing[],
  { select }: ListingQuery,
  context: string,
  nextLink: string | null,
): Generator<string> {
  yield `{"@odata.context":${JSON.stringify(context)},"value":[`;
  for (let start = 0; start < page.length; start += ROWS_PER_PIECE) {
    const piece = page.slice(start, start + ROWS_PER_PIECE)
      .map((row) => JSON.stringify({ "@odata.etag": etagOf(row), ...project(row, select) }));
    yield (start === 0 ? "" : ",") + piece.join(",");
  }
  yield nextLink === null ? "]}" : `],"@odata.nextLink":${JSON.stringify(nextLink)}}`;
}

function nextLinkOf({ origin, path, search }: SimulatorRequest, page: number, place: number) {
  const options = search.slice(1).split("&")
    .filter((option) => option !== "" && !/^(?:\$|%24)skiptoken=/i.test(option));
  const token = encodeURIComponent(writeSkipToken({ page, place }));
  return `${origin}${path}?${[...options, `$skiptoken=${token}`].join("&")}`;
}

function contextOf({ origin }: SimulatorRequest, select: readonly string[] | null): string {
  const columns = select === null ? "" : `(${select.join(",")})`;
  return `${origin}/api/data/v9.2/$metadata#${LISTING_SET}${columns}`;
}
