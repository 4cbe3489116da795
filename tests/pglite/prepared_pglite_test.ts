import { assert, assertEquals } from "@std/assert";
import type { StackDatabase } from "../../stack/database/database.ts";
import { openPgliteDatabase } from "../../stack/database/pglite_database.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { openPreparedPglite } from "../../stack/database/prepared_pglite.ts";
import { readPrivileges } from "../../stack/database/privileges.ts";

/** What each relation and function is, row counts of what migrations fill, and the settings of the session. */
const DESCRIPTION = `
  select format('%s %s %s', 'class', c.oid::regclass, c.relkind) as it from pg_class as c
  where c.relnamespace not in ('pg_toast'::regnamespace, 'pg_catalog'::regnamespace)
  union all select format('%s %s %s', 'proc', p.oid::regprocedure, md5(p.prosrc)) from pg_proc as p
  where p.pronamespace <> 'pg_catalog'::regnamespace
  union all select 'migration ' || version from supabase_migrations.schema_migrations
  union all select 'kind ' || kind from hlf_sync.alert_kinds
  union all select 'job ' || jobname || ' ' || schedule from cron.job
  union all select 'path ' || current_setting('search_path')
  union all select 'zone ' || current_setting('timezone')
  order by it`;

async function describe(database: StackDatabase) {
  return [await database.query(DESCRIPTION), await readPrivileges(database)];
}

Deno.test("openPreparedPglite() opens what bootstrap and migrations make, as if they had run just now", async () => {
  const plain = await openPgliteDatabase();
  await (await openPreparedPglite()).close();
  const [{ now } = { now: new Date() }] = await plain.query<{ now: Date }>("select now()");
  const kept = await openPreparedPglite();
  try {
    await prepareDatabase(plain);
    assertEquals(await describe(kept), await describe(plain));
    const [times] = await kept.query<Record<string, Date>>(
      `select g.installed_at, d.began_at, p.jobs_scheduled_at
      from public.hlf_sync_gate as g, hlf_sync.days as d, hlf_sync.pulse as p`,
    );
    for (const [name, time] of Object.entries(times ?? {})) assert(time >= now, name);
    assertEquals(Object.keys(times ?? {}).length, 3);
  } finally {
    await plain.close();
    await kept.close();
    // PGlite leaves exit codes of its own behind, which Deno would take for the test's.
    Deno.exitCode = 0;
  }
});
