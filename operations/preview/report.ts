import type { OrganisationPreview, Preview } from "./compare.ts";

/** A preview in lines: an organisation, then whom it concerns, by ids. */
export function describe({ organisations, unknown }: Preview): string[] {
  return [
    ...organisations.flatMap((organisation) => [
      headline(organisation),
      ...organisation.show.map((id) => `  show    ${id}`),
      ...organisation.hide.map((id) => `  hide    ${id}`),
      ...organisation.missing.map((id) => `  missing ${id}`),
    ]),
    ...(organisations.length === 0 ? ["The adapter knows no organisation."] : []),
    ...(unknown > 0
      ? [`${unknown} published listings are of nobody whom the app knows; they are left alone.`]
      : []),
    "Nothing was sent.",
  ];
}

function headline(
  { organisationId, name, isSwitchedOn, show, hide, missing, leave }: OrganisationPreview,
): string {
  const who = name === null ? organisationId : `${name} (${organisationId})`;
  const counts = `would show ${show.length}, hide ${hide.length}, leave ${leave}`;
  const without = missing.length > 0 ? `; ${missing.length} without a listing` : "";
  return `${who}, switched ${isSwitchedOn ? "on" : "off"}: ${counts}${without}`;
}
