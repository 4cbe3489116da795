import { CronRunner } from "./cron_runner.ts";
import type { StackDatabase } from "../database/database.ts";
import { HttpDispatcher } from "./http_dispatcher.ts";

/** The background worker of pg_net. */
export type PgNetWorker = Pick<HttpDispatcher, "isBusy" | "isPaused" | "pause" | "resume">;

/** What runs beside the database. */
interface BackgroundWorkers {
  readonly pgNet: PgNetWorker;
  stop(): Promise<void>;
}

/**
 * Starts what pg_net and pg_cron do in the background, as far as something stands in for them.
 *
 * @param cron Whether cron jobs run at all, the real pg_cron's too; by hand: they stay active, and somebody else runs them.
 */
export async function startBackgroundWorkers(
  database: StackDatabase,
  { cron }: { cron: boolean | "by hand" },
): Promise<BackgroundWorkers> {
  const dispatcher = new HttpDispatcher({ database });
  await dispatcher.start();
  const real = await database.query("select from pg_extension where extname = 'pg_cron'");
  if (real.length > 0) {
    if (cron === false) {
      await database.query("select cron.alter_job(jobid, active := false) from cron.job");
    }
    return { pgNet: dispatcher, stop: () => dispatcher.stop() };
  }
  const runner = new CronRunner({ database });
  if (cron === true) runner.start();
  return {
    pgNet: dispatcher,
    stop: async () => {
      await runner.stop();
      await dispatcher.stop();
    },
  };
}
