import { z } from "zod";
import { LISTING_ID, LISTING_KEY, LISTING_NAME, LISTING_PUBLISHED } from "./defaults.ts";
import { isGuid } from "./guids.ts";
import type { NewListing } from "./listings.ts";
import { badPayload, ODataError } from "./odata_error.ts";
import { COLUMN_NAMES } from "./odata_query.ts";

const payloadSchema = z.record(z.string(), z.unknown());

const columnsSchema = z.object({
  [LISTING_ID]: z.string().refine(isGuid).optional(),
  [LISTING_KEY]: z.string().min(1).nullable().optional(),
  [LISTING_NAME]: z.string().optional(),
  // A yes/no column takes null as well, and says so when it is read.
  [LISTING_PUBLISHED]: z.boolean().nullable().optional(),
});

/** The columns a body sets; what it does not name is left out. */
type ListingPayload = Partial<NewListing>;

/**
 * Reads the body of a write.
 *
 * @throws {ODataError} 400 `0x80048d19` when it is not JSON or a value has the wrong type, 400 `0x0`
 * when it names a column the table does not have.
 */
export function parseListingPayload(body: string): ListingPayload {
  const payload = payloadSchema.safeParse(parseJson(body));
  if (!payload.success) throw badPayload("The payload is not a JSON object.");
  const unknown = Object.keys(payload.data)
    .find((name) => !COLUMN_NAMES.includes(name) && !name.includes("@"));
  if (unknown !== undefined) {
    throw new ODataError(
      400,
      "0x0",
      `The property '${unknown}' does not exist on type 'Microsoft.Dynamics.CRM.hlf_mentorlisting'.`,
    );
  }
  const columns = columnsSchema.safeParse(payload.data);
  if (!columns.success) {
    const names = columns.error.issues.map((issue) => `'${issue.path.join(".")}'`).join(", ");
    throw badPayload(`Cannot convert the literal of ${names} to the expected type.`);
  }
  const { data } = columns;
  const id = data[LISTING_ID];
  const mentorId = data[LISTING_KEY];
  const name = data[LISTING_NAME];
  const published = data[LISTING_PUBLISHED];
  return {
    ...(id === undefined ? {} : { id: id.toLowerCase() }),
    ...(mentorId === undefined ? {} : { mentorId }),
    ...(name === undefined ? {} : { name }),
    ...(published === undefined ? {} : { published }),
  };
}

/** `hlf_published` as a body states it; null when it does not, whatever else is wrong with it. */
export function publishedIn(body: string): boolean | null {
  if (!body.includes(LISTING_PUBLISHED)) return null;
  const payload = payloadSchema.safeParse(parseJson(body));
  const published = payload.success ? payload.data[LISTING_PUBLISHED] : null;
  return typeof published === "boolean" ? published : null;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
