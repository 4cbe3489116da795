import type { Listing } from "../../supabase/functions/_shared/dataverse/listing_query.ts";
import type { Order } from "./run.ts";

type ReadListing = Pick<Listing, "mentorId" | "published"> & { readonly isAddressable?: boolean };

/** How the listings differ from what the app wants. */
export interface Divergence {
  /** Shown and must not be. */
  readonly remove: readonly string[];
  /** Hidden and must not be. */
  readonly restore: readonly string[];
  /** Must be shown and have no listing. This project never creates one. */
  readonly unlisted: readonly string[];
  /** Shown, but nobody's that the app knows. */
  readonly unknownCount: number;
}

/** Compares by pages; what is held is two maps of ids. */
export async function findDivergence(
  wanted: AsyncIterable<readonly Order[]>,
  listings: AsyncIterable<readonly ReadListing[]>,
): Promise<Divergence> {
  const isShown = new Map<string, boolean>();
  let nobodys = 0;
  for await (const page of listings) {
    for (const { mentorId, published, isAddressable = true } of page) {
      // An update that names the mentor would not find it, and would call that a success.
      const id = isAddressable ? mentorId?.toLowerCase() ?? null : null;
      if (id !== null) isShown.set(id, published || isShown.get(id) === true);
      else if (published) nobodys++;
    }
  }
  const remove: string[] = [];
  const restore: string[] = [];
  const unlisted: string[] = [];
  for await (const page of wanted) {
    for (const { mentorId, operation } of page) {
      const shown = isShown.get(mentorId);
      isShown.delete(mentorId);
      if (operation === "remove" && shown === true) remove.push(mentorId);
      if (operation === "restore" && shown === false) restore.push(mentorId);
      if (operation === "restore" && shown === undefined) unlisted.push(mentorId);
    }
  }
  const strangers = [...isShown.values()].filter((shown) => shown).length;
  return { remove, restore, unlisted, unknownCount: nobodys + strangers };
}

/** Whether the website is as the app wants it, for every mentor that the app knows. */
export function isInStep({ remove, restore, unlisted }: Divergence): boolean {
  return remove.length + restore.length + unlisted.length === 0;
}
