import { CronRunner } from "./cron_runner.ts";
import type { StackDatabase } from "./database.ts";
import { HttpDispatcher } from "./http_dispatcher.ts";

/**
 * Starts what pg_net and pg_cron do in the background, as far as something stands in for them.
 *
 * @param cron Whether cron jobs run at all, the real pg_cron's too.
 * @returns how to stop
 */
export async function startBackgroundWorkers(
  database: StackDatabase,
  { cron }: { cron: boolean },
): Promise<() => Promise<void>> {
  const dispatcher = new HttpDispatcher({ database });
  await dispatcher.start();
  const real = await database.query("select from pg_extension where extname = 'pg_cron'");
  if (real.length > 0) {
    if (!cron) await database.query("select cron.alter_job(jobid, active := false) from cron.job");
    return () => dispatcher.stop();
  }
  const runner = new CronRunner({ database });
  if (cron) runner.start();
  return async () => {
    await runner.stop();
    await dispatcher.stop();
  };
}
