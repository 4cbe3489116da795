import { type Standing, STANDINGS } from "./standing.ts";

/** Which view is shown. Views live behind the `#` of the address, so any static host can serve them. */
export type Route =
  | { readonly view: "overview" }
  | { readonly view: "mentors"; readonly standing: Standing | null }
  | { readonly view: "mentor"; readonly mentorId: string }
  | { readonly view: "log"; readonly parameters: URLSearchParams }
  | { readonly view: "not_found" };

/** Reads `location.hash`. */
export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const parameters = new URLSearchParams(query);
  if (path === "" || path === "/") return { view: "overview" };
  if (path === "/likepersoner") {
    const standing = STANDINGS.find((known) => known === parameters.get("vis")) ?? null;
    return { view: "mentors", standing };
  }
  if (path === "/logg") return { view: "log", parameters };
  const [, mentorId] = path.match(/^\/likeperson\/([0-9a-f-]{36})$/) ?? [];
  return mentorId === undefined ? { view: "not_found" } : { view: "mentor", mentorId };
}

/** Addresses of the views. */
export const links = {
  overview: "#/",
  mentors: (standing: Standing | null = null) =>
    standing === null ? "#/likepersoner" : `#/likepersoner?vis=${standing}`,
  mentor: (mentorId: string) => `#/likeperson/${mentorId}`,
  log: (parameters?: URLSearchParams) =>
    parameters === undefined ? "#/logg" : `#/logg?${parameters}`,
};
