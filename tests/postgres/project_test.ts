import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";
import { untilSomebodyWaits, whileOpen } from "./sessions.ts";

const OWN = "https://copied.supabase.co";

Deno.test("a copy that was told what it is stays told, whatever its function asks meanwhile", async (t) => {
  const server = await startPostgresServer();
  const database = await openPostgresDatabase(server.databaseUrl);
  await prepareDatabase(database);
  await database.close();
  const open = () => postgres(server.databaseUrl, { max: 1, onnotice: () => {} });
  const [first, second, observer] = [open(), open(), open()];
  const isOwn = (sql: postgres.ISql) => sql`select hlf_sync.is_own_project(${OWN})`;
  const tell = (sql: postgres.ISql) => sql`select hlf_sync.set_project(${OWN})`;
  const standing = async () => {
    const [row] = await first`
      select p.is_foreign, (select count(*)::integer from public.hlf_sync_alerts where closed_at is null) as alerts
      from hlf_sync.project as p`;
    return row;
  };
  /** As a copy whose function has, or has not yet, said on which database it works. */
  const copy = async (isForeign: boolean) => {
    await first`delete from public.hlf_sync_alerts where true`;
    await first`update hlf_sync.project
      set url = 'https://original.supabase.co', server = 'another', is_foreign = ${isForeign} where id`;
    if (isForeign) await first`select hlf_sync.raise_alert('foreign_project')`;
  };
  try {
    for (const isForeign of [false, true]) {
      const when = isForeign ? "known to be foreign" : "not yet known to be foreign";
      for (
        const [name, before, after] of [["asked", isOwn, tell], ["told", tell, isOwn]] as const
      ) {
        await t.step(`${when}, ${name} first`, async () => {
          await copy(isForeign);
          let later: Promise<unknown> | undefined;
          await whileOpen(first, before, async () => {
            later = Promise.resolve(after(second).execute());
            await untilSomebodyWaits(observer);
          });
          await later;
          assertEquals(await standing(), { is_foreign: false, alerts: 0 });
        });
      }
    }
  } finally {
    await Promise.all([first, second, observer].map((sql) => sql.end({ timeout: 5 })));
    await server.stop();
  }
});
