import { assertEquals } from "@std/assert";
import { openPreparedPglite } from "../../stack/database/prepared_pglite.ts";
import { readCoreMigrations } from "../../operations/core_migrations.ts";
import { guards } from "../../operations/doctor/guards.ts";

/** What a database that has just been made has; nothing of it may be missing from what the doctor reads. */
const CATALOGUE = `
  select 'trigger' as kind, format('%s.%s', n.nspname, c.relname) as table, t.tgname as name, t.tgenabled = 'A' as always
  from pg_trigger as t join pg_class as c on c.oid = t.tgrelid join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname in ('public', 'hlf_sync') and not t.tgisinternal and t.tgparentid = 0
    and c.relname !~ '^audit_log_[0-9]{4}$' and c.relname not in ('mentors', 'organisations', 'organisation_members')
  union all
  select 'policy', format('%s.%s', schemaname, tablename), policyname, false
  from pg_policies where schemaname in ('public', 'hlf_sync')
    and tablename not in ('mentors', 'organisations', 'organisation_members')
  union all
  select 'security', format('%s.%s', n.nspname, c.relname), null, c.relforcerowsecurity
  from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
  where n.nspname in ('public', 'hlf_sync') and c.relrowsecurity
    and c.relname not in ('mentors', 'organisations', 'organisation_members')`;

Deno.test("guards() finds in the migrations what the catalogue has, of tables that are not the app's", async () => {
  const migrations = await readCoreMigrations();
  const database = await openPreparedPglite();
  try {
    const there = await database.query<Record<string, unknown>>(CATALOGUE);
    const read = guards(migrations).map(({ kind, table, name, isAlways }) =>
      [kind, table, name, isAlways].join(" ")
    );
    assertEquals(
      read.sort(),
      there.map(({ kind, table, name, always }) => [kind, table, name, always].join(" ")).sort(),
    );
  } finally {
    await database.close();
    // PGlite leaves exit codes of its own behind, which Deno would take for the test's.
    Deno.exitCode = 0;
  }
});
