import type postgres from "postgres";
import { z } from "zod";
import { type Check, check, found } from "./finding.ts";
import { rows } from "./rows.ts";

/** A job that ran has only nudged the function; a night is over once the listings were compared. */
export function nightsCheck(sql: postgres.Sql): Check {
  return check("A night has finished in the last 26 hours", async () => {
    const [night] = await rows(
      z.object({ is_recent: z.boolean(), is_new: z.boolean() }),
      sql`
        select
          exists (
            select from public.hlf_nightly_runs as r where r.finished_at > now() - interval '26 hours'
          ) as is_recent,
          (select g.installed_at from public.hlf_sync_gate as g) > now() - interval '26 hours' as is_new`,
    );
    if (night?.is_recent === true) return {};
    if (night?.is_new === true) {
      return { unseen: ["none was due since the migrations were applied"] };
    }
    return found("No night has finished: what changed by hand in Dynamics is not noticed.", {
      sql: "select hlf_sync.run_night(hlf_sync.today_in_oslo()), " +
        `hlf_sync.nudge('{"type": "nightly"}')`,
    });
  });
}
