import { assertEquals, assertMatch } from "@std/assert";
import postgres from "postgres";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";

const ORGANISATION = "00000000-0000-4000-8000-0000000000c0";

Deno.test("A notification whose transaction outlasts a digest is in the next one", async () => {
  const server = await startPostgresServer();
  const database = await openPostgresDatabase(server.databaseUrl);
  await prepareDatabase(database);
  await database.close();
  const open = () => postgres(server.databaseUrl, { max: 1, onnotice: () => {} });
  const [night, watchdog] = [open(), open()];
  /** The digest of this round, once it has arrived; null where there is none. */
  const digest = async () => {
    // A quarter of an hour passes since the last one.
    await watchdog`update hlf_sync.messages set written_at = written_at - interval '16 minutes',
      delivered_at = now() where true`;
    await watchdog`update public.hlf_coordinator_notifications
      set created_at = created_at - interval '16 minutes' where true`;
    const [{ written } = { written: 0 }] = await watchdog<{ written: number }[]>`
      select hlf_sync.tell_coordinators() as written`;
    const [message] = await watchdog<{ message: string }[]>`
      select message from hlf_sync.messages where subject = ${`organisation ${ORGANISATION}`}`;
    return written === 0 ? null : message?.message ?? null;
  };
  const notify = (sql: postgres.ISql, kind: string) =>
    sql`insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind)
      values (${ORGANISATION}, gen_random_uuid(), ${kind})`;
  try {
    await watchdog`insert into public.organisations (id, name) values (${ORGANISATION}, 'Organisation C')`;
    await watchdog`select hlf_sync.switch_on(${ORGANISATION})`;
    await watchdog`select vault.create_secret('https://all.example/hook', 'hlf_sync_coordinator_webhook_url')`;
    await watchdog`delete from public.hlf_coordinator_notifications where true`;

    await night.begin(async (transaction) => {
      await notify(transaction, "certification_expired");
      await notify(watchdog, "certification_reminder");
      const first = await digest();
      assertMatch(first ?? "", /Certifications that expire soon: 1\./);
      assertEquals(/expired/.test(first ?? ""), false, "what is not committed is not told");
    });
    const second = await digest();
    assertMatch(second ?? "", /Certifications expired: 1\./);
    assertEquals(/expire soon/.test(second ?? ""), false, "and what was told is not told again");
    assertEquals(await digest(), null);
  } finally {
    await Promise.all([night.end({ timeout: 5 }), watchdog.end({ timeout: 5 })]);
    await server.stop();
  }
});
