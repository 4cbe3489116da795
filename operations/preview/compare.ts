import type { Listing } from "../../supabase/functions/_shared/dataverse/listing_query.ts";

/** How the adapter sees a mentor. */
export interface Mentor {
  readonly mentorId: string;
  readonly organisationId: string;
  readonly isShown: boolean;
}

export interface Organisation {
  readonly organisationId: string;
  readonly name: string | null;
  readonly isSwitchedOn: boolean;
}

/** What switching an organisation on would do, by mentors' ids. */
export interface OrganisationPreview extends Organisation {
  readonly show: readonly string[];
  readonly hide: readonly string[];
  /** Are to be shown, and have no listing that an update would find: dead letters. */
  readonly missing: readonly string[];
  readonly leave: number;
}

export interface Preview {
  readonly organisations: readonly OrganisationPreview[];
  /** Published listings of nobody whom the adapter knows; hlf-sync leaves them alone. */
  readonly unknown: number;
}

/** Compares whom the adapter shows with what Dynamics publishes. */
export function compare(
  organisations: readonly Organisation[],
  mentors: readonly Mentor[],
  listings: readonly Listing[],
): Preview {
  const published = new Map<string, boolean>();
  for (const { mentorId, isAddressable, published: isPublished } of listings) {
    if (mentorId !== null && isAddressable) published.set(mentorId, isPublished);
  }
  const known = new Set(mentors.map(({ mentorId }) => mentorId));
  const byOrganisation = Map.groupBy(mentors, ({ organisationId }) => organisationId);
  return {
    organisations: organisations.map((organisation) => {
      const theirs = byOrganisation.get(organisation.organisationId) ?? [];
      const those = (is: (mentor: Mentor, isPublished: boolean | undefined) => boolean) =>
        theirs.filter((mentor) => is(mentor, published.get(mentor.mentorId)))
          .map(({ mentorId }) => mentorId).sort();
      const show = those(({ isShown }, isPublished) => isShown && isPublished === false);
      const hide = those(({ isShown }, isPublished) => !isShown && isPublished === true);
      const missing = those(({ isShown }, isPublished) => isShown && isPublished === undefined);
      const leave = theirs.length - show.length - hide.length - missing.length;
      return { ...organisation, show, hide, missing, leave };
    }),
    unknown:
      listings.filter(({ mentorId, published: isPublished }) =>
        isPublished && (mentorId === null || !known.has(mentorId))
      ).length,
  };
}
