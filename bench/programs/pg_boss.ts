/**
 * pg-boss doing what the function does: one request and one audit row for each job, straight on Postgres.
 *
 * @module
 */
import { PgBoss } from "pg-boss";
import { PG_BOSS_SETTINGS } from "./rival_settings.ts";
import { measureRival } from "./rival.ts";

const { max, notify, ...work } = PG_BOSS_SETTINGS;

await measureRival(async (connectionString, _inFlight, perform) => {
  const boss = new PgBoss({
    connectionString,
    max,
    useListenNotify: true,
    supervise: false,
    schedule: false,
  });
  boss.on("error", (error: unknown) => console.error(error));
  await boss.start();
  await boss.deleteQueue("sync");
  await boss.createQueue("sync", { notify });
  const db = boss.getDb();
  await boss.work<{ mentorId: string }>("sync", work, async (jobs) => {
    await Promise.all(
      jobs.map(({ data }) => perform(data.mentorId, (text, values) => db.executeSql(text, values))),
    );
  });
  return {
    async add(mentorIds) {
      await boss.insert("sync", mentorIds.map((mentorId) => ({ data: { mentorId } })));
    },
    stop: () => boss.stop({ graceful: false }),
  };
}, "select count(*)::integer from pgboss.job where state < 'completed'");
Deno.exit(0);
