import type { z } from "zod";
import type { environmentSchema } from "./control_schemas.ts";
import {
  IDENTITY,
  LISTING_ENTITY,
  LISTING_ID,
  LISTING_KEY,
  LISTING_NAME,
  LISTING_PUBLISHED,
  LISTING_SET,
} from "./defaults.ts";
import { jsonReply, type Reply, type SimulatorRequest } from "./messages.ts";
import { notSimulated, ODataError } from "./odata_error.ts";

/** How the environment and its listing table stand. */
export interface Environment {
  organisationId: string;
  adminMode: boolean;
  disabled: boolean;
  keyStatus: NonNullable<Change["keyStatus"]>;
  publishedType: NonNullable<Change["publishedType"]>;
}

type Change = z.infer<typeof environmentSchema>;

export function defaultEnvironment(): Environment {
  return {
    organisationId: IDENTITY.OrganizationId,
    adminMode: false,
    disabled: false,
    keyStatus: "Active",
    publishedType: "Boolean",
  };
}

/** What everybody is answered, whatever is asked; null where nothing is wrong with the environment. */
export function refuseAll({ adminMode, disabled }: Environment): ODataError | null {
  if (disabled) return new ODataError(503, "0x8004a112", "The organization is disabled.");
  if (adminMode) return new ODataError(403, "", "The organization is in administration mode.");
  return null;
}

/**
 * `EntityDefinitions`: the listing table with its columns' types and the status of its key. Whatever is expanded comes
 * whole.
 *
 * @throws {ODataError} 404 for another table, 501 for what the simulator leaves out.
 * @see https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api
 */
export function describeTables(
  key: string | null,
  request: SimulatorRequest,
  environment: Environment,
): Reply {
  const table = tableOf(environment);
  const context = `${request.origin}/api/data/v9.2/$metadata#EntityDefinitions`;
  if (key !== null) {
    if (key === `LogicalName='${LISTING_ENTITY}'`) {
      return jsonReply(200, { "@odata.context": `${context}/$entity`, ...table });
    }
    throw new ODataError(404, "0x80060888", `Could not find an entity with ${key}.`);
  }
  const filter = new URLSearchParams(request.search).get("$filter");
  const [, property, value] = /^\s*(\w+)\s+eq\s+'([^']*)'\s*$/.exec(filter ?? "") ?? [];
  if (filter !== null && property !== "LogicalName" && property !== "EntitySetName") {
    throw notSimulated("this $filter");
  }
  const named = property === "LogicalName" ? table.LogicalName : table.EntitySetName;
  const isWanted = property === undefined || named === value;
  return jsonReply(200, { "@odata.context": context, value: isWanted ? [table] : [] });
}

function tableOf({ publishedType, keyStatus }: Environment) {
  const column = (LogicalName: string, AttributeType: string) => ({ LogicalName, AttributeType });
  return {
    LogicalName: LISTING_ENTITY,
    EntitySetName: LISTING_SET,
    Attributes: [
      column(LISTING_ID, "Uniqueidentifier"),
      column(LISTING_KEY, "String"),
      column(LISTING_NAME, "String"),
      column(LISTING_PUBLISHED, publishedType),
    ],
    Keys: [{ KeyAttributes: [LISTING_KEY], EntityKeyIndexStatus: keyStatus }],
  } as const satisfies
    & { readonly LogicalName: string; readonly EntitySetName: string }
    & Record<string, unknown>;
}
