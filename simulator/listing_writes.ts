import { IDENTITY, LISTING_ENTITY, LISTING_KEY } from "./defaults.ts";
import { parseListingPayload } from "./listing_payload.ts";
import { DuplicateListingError, etagOf, type Listing, type ListingStore } from "./listings.ts";
import type { SimulatorRequest } from "./messages.ts";
import { notSimulated, ODataError } from "./odata_error.ts";
import type { ListingKey } from "./odata_key.ts";

/** A row that was written. */
export interface Written {
  readonly row: Listing;
  readonly created: boolean;
}

/**
 * PATCH: updates the row, and creates a missing one unless `If-Match` forbids it.
 *
 * @throws {ODataError} 400, 404 and 412 as Dataverse gives them.
 * @see https://learn.microsoft.com/power-apps/developer/data-platform/webapi/perform-conditional-operations-using-web-api
 */
export function patchListing(
  store: ListingStore,
  key: ListingKey,
  request: SimulatorRequest,
): Written {
  const payload = readPayload(request);
  const row = findListing(store, key);
  if (row === undefined) {
    if (request.header("if-match") !== undefined) throw listingNotFound(key);
    const named = key.kind === "guid" ? { id: key.id } : { mentorId: key.mentorId };
    return { row: createRow(store, { ...payload, ...named }), created: true };
  }
  if (request.header("if-none-match") === "*") throw duplicate();
  requireAccess(row);
  requireFreshETag(row, request);
  if (payload.mentorId !== undefined && payload.mentorId !== row.mentorId) {
    throw notSimulated("the change of an alternate key");
  }
  store.update(row, payload);
  return { row, created: false };
}

/**
 * POST: creates a row.
 *
 * @throws {ODataError} 400 for a bad payload, 412 when the alternate key is taken.
 */
export function createListing(store: ListingStore, request: SimulatorRequest): Written {
  return { row: createRow(store, readPayload(request)), created: true };
}

/**
 * DELETE: takes the row away.
 *
 * @throws {ODataError} 404 when it is not there, 412 when the ETag is stale.
 */
export function deleteListing(
  store: ListingStore,
  key: ListingKey,
  request: SimulatorRequest,
): void {
  const row = findListing(store, key);
  if (row === undefined) throw listingNotFound(key);
  requireAccess(row);
  requireFreshETag(row, request);
  store.delete(row);
}

/**
 * The row that a URL names, if it is there.
 *
 * @throws {ODataError} 400 `0x8006088a` for an alternate key whose index is not active.
 */
export function findListing(store: ListingStore, key: ListingKey): Listing | undefined {
  if (key.kind === "guid") return store.byId(key.id);
  if (!store.isKeyActive) {
    throw new ODataError(400, "0x8006088a", `The key '${LISTING_KEY}' is not active.`);
  }
  return store.byMentorId(key.mentorId);
}

/** A write is refused in words; a read leaves the row out without any. */
function requireAccess(row: Listing): void {
  if (row.access === "full") return;
  throw new ODataError(
    403,
    "0x80048306",
    `Principal user (Id=${IDENTITY.UserId}) lacks WriteAccess rights to one ${LISTING_ENTITY}.`,
  );
}

/** Dataverse's 404, which reads differently for a guid and for an alternate key. */
export function listingNotFound(key: ListingKey): ODataError {
  if (key.kind === "guid") {
    return new ODataError(
      404,
      "0x80040217",
      `${LISTING_ENTITY} With Id = ${key.id} Does Not Exist`,
    );
  }
  const message =
    `A record with the specified key values does not exist in ${LISTING_ENTITY} entity`;
  return new ODataError(404, "0x80060891", message);
}

function createRow(
  store: ListingStore,
  { mentorId, ...columns }: ReturnType<typeof parseListingPayload>,
): Listing {
  try {
    // A column of an alternate key may be left empty; no update finds such a row by the key.
    return store.create({ mentorId: mentorId ?? null, ...columns });
  } catch (error) {
    if (error instanceof DuplicateListingError) throw duplicate();
    throw error;
  }
}

function readPayload(request: SimulatorRequest): ReturnType<typeof parseListingPayload> {
  const contentType = request.header("content-type") ?? "";
  if (!/^application\/json\b/i.test(contentType)) {
    throw new ODataError(
      415,
      "",
      `The request entity's media type '${contentType}' is not supported for this resource.`,
    );
  }
  return parseListingPayload(request.body);
}

function requireFreshETag(row: Listing, request: SimulatorRequest): void {
  const wanted = request.header("if-match");
  if (wanted === undefined || wanted === "*" || wanted === etagOf(row)) return;
  throw new ODataError(
    412,
    "0x80060882",
    "The version of the existing record doesn't match the RowVersion property provided.",
  );
}

function duplicate(): ODataError {
  return new ODataError(412, "0x80060892", "A record with matching key values already exists.");
}
