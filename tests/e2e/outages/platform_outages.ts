import type { Outage } from "./outage.ts";
import type { Stage } from "./stage.ts";

/** A part of the platform refuses its service; the switch is in stack/database/bootstrap/00_faults.sql. */
async function outOfOrder(stage: Stage, part: string): Promise<() => Promise<unknown>> {
  const put = (isOut: boolean) =>
    stage.stack.sql("update stand_in.faults set is_out_of_order = $1 where part = $2", [
      isOut,
      part,
    ]);
  await put(true);
  return () => put(false);
}

export const PLATFORM_OUTAGES: readonly Outage[] = [
  {
    name: "pg_cron has died",
    begin(stage) {
      stage.faults.isCronDead = true;
      return Promise.resolve(() => Promise.resolve(stage.faults.isCronDead = false));
    },
  },
  {
    name: "A backup was restored, without jobs",
    async begin(stage) {
      await stage.stack.sql("select cron.unschedule(jobname) from cron.job");
      return () => stage.stack.sql("select hlf_sync.schedule_jobs()");
    },
  },
  {
    name: "One job was removed or changed",
    async begin(stage) {
      await stage.stack.sql("select cron.unschedule('hlf_sync_seal')");
      return () => stage.stack.sql("select hlf_sync.schedule_jobs()");
    },
  },
  {
    name: "The sweep's job was removed",
    async begin(stage) {
      await stage.stack.sql("select cron.unschedule('hlf_sync_sweep')");
      await stage.pause("a1");
      return () => stage.stack.sql("select hlf_sync.schedule_jobs()");
    },
  },
  {
    name: "The database is read-only (its disk is full)",
    begin(stage) {
      stage.faults.isReadOnly = true;
      return Promise.resolve(() => Promise.resolve(stage.faults.isReadOnly = false));
    },
  },
  { name: "Vault cannot be decrypted", begin: (stage) => outOfOrder(stage, "vault") },
  { name: "pg_net refuses requests", begin: (stage) => outOfOrder(stage, "pg_net") },
  {
    name: "pg_net's worker stands still",
    async begin(stage) {
      stage.stack.pgNet.pause();
      await stage.pause("a1");
      return () => Promise.resolve(stage.stack.pgNet.resume());
    },
  },
  {
    name: "The alert webhook was revoked",
    async begin(stage) {
      stage.stack.messages.refuseWith(404);
      // Something else goes wrong, which should be told.
      const end = await stage.secret("hlf_sync_coordinator_webhook_url", "no URL");
      return async () => {
        await end();
        stage.stack.messages.refuseWith(null);
      };
    },
  },
  {
    name: "The coordinators' webhook was revoked",
    async begin(stage) {
      const end = await stage.secret(
        "hlf_sync_coordinator_webhook_url",
        `${stage.stack.apiUrl}/webhook-of-before`,
      );
      await stage.stack.run(
        `insert into public.hlf_coordinator_notifications (organisation_id, mentor_id, kind)
        select organisation_id, id, 'certification_reminder' from public.mentors where id = '${
          stage.id("a1")
        }'`,
      );
      return end;
    },
  },
];
