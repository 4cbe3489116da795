/**
 * graphile-worker doing what the function does: one request and one audit row for each job, straight on Postgres.
 *
 * @module
 */
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { GRAPHILE_SETTINGS } from "./rival_settings.ts";
import { measureRival } from "./rival.ts";

await measureRival(async (connectionString, inFlight, perform) => {
  const utils = await makeWorkerUtils({ connectionString });
  const runner = await run({
    preset: { worker: { ...GRAPHILE_SETTINGS, connectionString, concurrentJobs: inFlight } },
    logger: new Logger(() => () => {}),
    noHandleSignals: true,
    taskList: {
      async sync(payload, helpers) {
        const { mentorId } = payload as { mentorId: string };
        await perform(mentorId, (text, values) => helpers.query(text, values));
      },
    },
  });
  return {
    async add(mentorIds) {
      await utils.addJobs(
        mentorIds.map((mentorId) => ({ identifier: "sync", payload: { mentorId } })),
      );
    },
    async stop() {
      await runner.stop();
      await utils.release();
    },
  };
}, "select count(*)::integer from graphile_worker._private_jobs");
Deno.exit(0);
