import type { StackDatabase } from "./database.ts";

/**
 * Everything that is granted in a database: on schemas, relations (partitions included), columns, functions and types,
 * and by default on what is yet to be made. One line an object, in a fixed order.
 */
export async function readPrivileges(database: StackDatabase): Promise<string[]> {
  const rows = await database.query<{ line: string }>(`
    with granted (kind, object, acl) as (
      select 'schema', nspname::text, nspacl from pg_namespace
      union all
      select 'relation', oid::regclass::text, relacl from pg_class
      union all
      select 'column', attrelid::regclass || '.' || attname, attacl from pg_attribute
      union all
      select 'function', oid::regprocedure::text, proacl from pg_proc
      union all
      select 'type', oid::regtype::text, typacl from pg_type
      union all
      select 'default', format('%s %s %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype), defaclacl
      from pg_default_acl
    )
    select concat_ws(' ', kind, object, (select array_agg(item::text order by item::text) from unnest(acl) as item)) as line
    from granted
    where acl is not null
    order by kind, object collate "C"
  `);
  return rows.map((row) => row.line);
}
