import { LISTING_ID } from "./defaults.ts";
import { badQuery } from "./odata_error.ts";

/** Where a page begins. */
export interface Cursor {
  /** Number of the page, from 1. */
  readonly page: number;
  /** The place in the table behind which it begins. */
  readonly place: number;
}

/**
 * The `$skiptoken` of a next link, not yet percent-encoded. Like Dataverse's it is XML that holds
 * encoded XML, so that a client which takes a next link apart, or encodes it again, breaks here too.
 *
 * @see https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/page-results
 */
export function writeSkipToken({ page, place }: Cursor): string {
  const last = place.toString(36);
  const inner = `<cookie page="${page - 1}"><${LISTING_ID} last="{${last}}" /></cookie>`;
  const cookie = encodeURIComponent(encodeURIComponent(inner));
  return `<cookie pagenumber="${page}" pagingcookie="${cookie}" istracking="False" />`;
}

/**
 * The cursor inside a `$skiptoken`.
 *
 * @throws {ODataError} 400 when it is not one that the simulator gave out.
 */
export function readSkipToken(token: string): Cursor {
  const outer = /^<cookie pagenumber="(\d+)" pagingcookie="([^"]+)" istracking="False" \/>$/
    .exec(token);
  const inner = decodeTwice(outer?.[2] ?? "");
  const place = Number.parseInt(/ last="\{([0-9a-z]+)\}"/.exec(inner)?.[1] ?? "", 36);
  const cursor = { page: Number(outer?.[1]), place };
  if (Number.isNaN(place) || writeSkipToken(cursor) !== token) {
    throw badQuery("The paging cookie is not valid.");
  }
  return cursor;
}

function decodeTwice(text: string): string {
  try {
    return decodeURIComponent(decodeURIComponent(text));
  } catch {
    return "";
  }
}
