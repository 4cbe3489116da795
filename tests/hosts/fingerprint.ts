import postgres from "postgres";
import { asPlatform } from "../../stack/database/postgres_database.ts";

const THEIRS = "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'";

/** What is made in a database, and who may do what with it. */
const OBJECTS = `
  select 'schema ' || n.nspname as name, n.nspacl::text as content from pg_namespace as n where ${THEIRS}
  union all
  select 'extension ' || e.extname, e.extversion from pg_extension as e
  union all
  select format('%s %s.%s', c.relkind, n.nspname, c.relname), concat_ws(
    ' ', c.relrowsecurity, c.relforcerowsecurity, c.relacl, c.reloptions,
    case when c.relkind = 'v' then pg_get_viewdef(c.oid) when c.relkind = 'i' then pg_get_indexdef(c.oid) end
  )
  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where ${THEIRS}
  union all
  select format('column %s.%s.%s', n.nspname, c.relname, a.attname),
    concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl)
  from pg_attribute as a join pg_class as c on c.oid = a.attrelid join pg_namespace as n on n.oid = c.relnamespace
  where ${THEIRS} and a.attnum > 0
  union all
  select format('function %s.%s(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
    concat_ws(' ', p.proacl, pg_get_functiondef(p.oid))
  from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where ${THEIRS} and p.prokind in ('f', 'p')
  union all
  select format('trigger %s on %s.%s', t.tgname, n.nspname, c.relname), concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid))
  from pg_trigger as t join pg_class as c on c.oid = t.tgrelid join pg_namespace as n on n.oid = c.relnamespace
  where ${THEIRS}
  union all
  select format('constraint %s of %s', k.conname, k.conrelid::regclass), pg_get_constraintdef(k.oid)
  from pg_constraint as k join pg_namespace as n on n.oid = k.connamespace where ${THEIRS}
  union all
  select format('policy %s on %s.%s', p.policyname, p.schemaname, p.tablename), concat_ws(' ', p.cmd, p.roles, p.qual, p.with_check)
  from pg_policies as p
  order by 1, 2`;

/** Everything that is in a database: each object, and of each table how many rows and their digest. */
export async function readFingerprint(databaseUrl: string): Promise<Record<string, string>> {
  const sql = postgres(asPlatform(databaseUrl), { max: 1, onnotice: () => {} });
  try {
    const objects = await sql.unsafe<{ name: string; content: string | null }[]>(OBJECTS);
    const tables = await sql.unsafe<{ name: string }[]>(
      `select format('%I.%I', n.nspname, c.relname) as name
       from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
       where ${THEIRS} and c.relkind = 'r' order by 1`,
    );
    const found: Record<string, string> = {};
    for (const { name, content } of objects) found[name] = content ?? "";
    for (const { name } of tables) {
      const [row] = await sql.unsafe<{ content: string }[]>(
        `select count(*) || ' ' || coalesce(md5(string_agg(t::text, e'\\n' order by t::text)), '') as content from ${name} as t`,
      );
      found[`rows of ${name}`] = row?.content ?? "";
    }
    return found;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
