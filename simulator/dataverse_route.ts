import { LISTING_SET } from "./defaults.ts";
import type { Target } from "./fault_rules.ts";
import type { SimulatorRequest } from "./messages.ts";
import { ODataError } from "./odata_error.ts";
import { type ListingKey, parseListingKey, parseResourcePath } from "./odata_key.ts";

const ROOT = /^\/api\/data\/v9\.[0-2]\/(.*)$/s;

/** Where a Web API request leads; `refusal` when it leads nowhere. */
export interface DataverseRoute {
  readonly target: Exclude<Target, "token"> | null;
  /** The row it names; null for the whole table. */
  readonly key: ListingKey | null;
  /** The table whose description is asked for, as the URL names it; null for all. */
  readonly table?: string | null;
  readonly refusal: ODataError | null;
}

/** Whether a path belongs to the Web API. */
export function isDataversePath(path: string): boolean {
  return path.startsWith("/api/");
}

/** Finds out what a Web API request is for, without doing it. */
export function routeDataverseRequest(request: SimulatorRequest): DataverseRoute {
  try {
    return route(request);
  } catch (error) {
    if (error instanceof ODataError) return { target: null, key: null, refusal: error };
    throw error;
  }
}

function route({ method, path }: SimulatorRequest): DataverseRoute {
  const { name, key } = parseResourcePath(ROOT.exec(path)?.[1] ?? path.slice(1));
  if (name === "WhoAmI" && (key === null || key === "")) {
    if (method !== "GET") throw unsupportedMethod(method);
    return { target: "whoami", key: null, refusal: null };
  }
  if (name === "EntityDefinitions") {
    if (method !== "GET") throw unsupportedMethod(method);
    return { target: "metadata", key: null, table: key, refusal: null };
  }
  if (name !== LISTING_SET) {
    throw new ODataError(404, "0x8006088a", `Resource not found for the segment '${name}'.`);
  }
  const row = key === null ? null : parseListingKey(key);
  if (method === "GET") return { target: "query", key: row, refusal: null };
  if (method === "POST" && row === null) return { target: "create", key: row, refusal: null };
  if (method === "PATCH" && row !== null) return { target: "patch", key: row, refusal: null };
  if (method === "DELETE" && row !== null) return { target: "delete", key: row, refusal: null };
  throw unsupportedMethod(method);
}

function unsupportedMethod(method: string): ODataError {
  return new ODataError(
    405,
    "",
    `The requested resource does not support http method '${method}'.`,
  );
}
