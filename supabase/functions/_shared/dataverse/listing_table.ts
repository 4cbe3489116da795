import * as z from "zod/mini";
import { parseJson } from "../parse_json.ts";
import type { ListingSchema } from "./listing_query.ts";

/** What Dataverse says of the listing table. */
export interface ListingTable {
  /** Of the published column, such as `Boolean` or `Picklist`; null when there is no such column. */
  readonly publishedType: string | null;
  /** Of the key column; null when there is no such column. */
  readonly keyType: string | null;
  /** Of the alternate key on the key column alone: `Active`, `Pending`, `InProgress` or `Failed`; null without one. */
  readonly keyStatus: string | null;
}

const definitions = z.lazy(() =>
  z.object({
    value: z.array(z.object({
      Attributes: z.array(z.object({ LogicalName: z.string(), AttributeType: z.string() })),
      Keys: z.array(z.object({
        KeyAttributes: z.array(z.string()),
        EntityKeyIndexStatus: z.string(),
      })),
    })),
  })
);

/**
 * Path of the description of the listing table.
 * <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query-metadata-web-api>
 */
export function tablePath(schema: ListingSchema): string {
  const filter = encodeURIComponent(`EntitySetName eq '${schema.set}'`);
  return `EntityDefinitions?$select=LogicalName&$filter=${filter}` +
    "&$expand=Attributes($select=LogicalName,AttributeType),Keys($select=KeyAttributes,EntityKeyIndexStatus)";
}

/** Reads the description; null when there is no such table, or the answer cannot be read. */
export function readTable(schema: ListingSchema, text: string): ListingTable | null {
  const table = definitions.safeParse(parseJson(text)).data?.value[0];
  if (table === undefined) return null;
  const typeOf = (column: string) =>
    table.Attributes.find(({ LogicalName }) => LogicalName === column)?.AttributeType ?? null;
  const key = table.Keys.find(({ KeyAttributes }) =>
    KeyAttributes.length === 1 && KeyAttributes[0] === schema.key
  );
  return {
    publishedType: typeOf(schema.published),
    keyType: typeOf(schema.key),
    keyStatus: key?.EntityKeyIndexStatus ?? null,
  };
}
