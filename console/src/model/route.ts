import { splitHash } from "./address.ts";
import { type Standing, STANDINGS } from "./standing.ts";

/** What else the list of mentors can be narrowed down to. */
export const KINDS = ["may_show", "shown", "hidden", "paused", "expired_cert"] as const;
export type Kind = typeof KINDS[number];

/** Which view is shown. Views live behind the `#` of the address, so any static host can serve them. */
type Route =
  | { readonly view: "overview" }
  | { readonly view: "mentors"; readonly standing: Standing | null; readonly kind: Kind | null }
  | { readonly view: "mentor"; readonly mentorId: string }
  | { readonly view: "log" | "audit"; readonly parameters: URLSearchParams }
  | { readonly view: "not_found" };

/** Reads `location.hash`. */
export function readRoute(hash: string): Route {
  const { path, parameters } = splitHash(hash);
  if (path === "" || path === "/") return { view: "overview" };
  if (path === "/likepersoner") {
    const standing = STANDINGS.find((known) => known === parameters.get("vis")) ?? null;
    const kind = KINDS.find((known) => known === parameters.get("er")) ?? null;
    return { view: "mentors", standing, kind };
  }
  if (path === "/logg") return { view: "log", parameters };
  if (path === "/revisjon") return { view: "audit", parameters };
  const [, mentorId] = path.match(/^\/likeperson\/([0-9a-f-]{36})$/) ?? [];
  return mentorId === undefined ? { view: "not_found" } : { view: "mentor", mentorId };
}

/** The same address for another organisation, without what is of the first one. */
export function withOrganisation(hash: string, organisationId: string): string {
  const { path, parameters } = splitHash(hash);
  parameters.delete("mentor");
  parameters.set("org", organisationId);
  return `#${path.startsWith("/likeperson/") ? "/likepersoner" : path || "/"}?${parameters}`;
}

/** Addresses of the views. They carry the organisation, so that whoever gets one sent sees the same. */
export function linksOf(organisationId: string | null) {
  function link(path: string, parameters = new URLSearchParams()): string {
    const all = new URLSearchParams(parameters);
    if (organisationId !== null) all.set("org", organisationId);
    return all.size === 0 ? `#${path}` : `#${path}?${all}`;
  }
  return {
    overview: link("/"),
    mentors: (standing: Standing | null = null, kind: Kind | null = null) =>
      link(
        "/likepersoner",
        new URLSearchParams({
          ...(standing !== null && { vis: standing }),
          ...(kind !== null && { er: kind }),
        }),
      ),
    mentor: (mentorId: string) => link(`/likeperson/${mentorId}`),
    log: (parameters?: URLSearchParams) => link("/logg", parameters),
    audit: (parameters?: URLSearchParams) => link("/revisjon", parameters),
  };
}
