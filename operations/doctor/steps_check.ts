import type postgres from "postgres";
import { z } from "zod";
import { type Check, check } from "./finding.ts";
import { rows } from "./rows.ts";

/** Which statement tries a step again; what is no step of the sweep or the night belongs to the watchdog. */
function retry(step: string): string {
  if (step.startsWith("watch: ")) return "select hlf_sync.watch()";
  if (step === "verification of the audit log") {
    return `select hlf_sync.try_step('${step}', 'select hlf_sync.check_audit_seals()')`;
  }
  const isOfTheNight = /certification|reminder|compensation/.test(step);
  return isOfTheNight
    ? "select hlf_sync.run_night(hlf_sync.today_in_oslo())"
    : "select hlf_sync.sweep()";
}

/** The steps of sweep, night and watchdog, each of which may fail without the others. */
export function stepsCheck(sql: postgres.Sql): Check {
  return check("Each step of sweep, night and watchdog succeeded when it last ran", async () => {
    const steps = await rows(
      z.object({ step: z.string(), failed_code: z.string().nullable(), has_failed: z.boolean() }),
      sql`select step, failed_code, failed_at is not null as has_failed from hlf_sync.steps order by step`,
    );
    if (steps.length === 0) return { unchecked: ["none has ever been tried: nothing runs yet"] };
    return {
      findings: steps.filter(({ has_failed }) => has_failed).map(({ step, failed_code }) => ({
        problem: `The step "${step}" failed (${failed_code}).`,
        remedy: { sql: retry(step) },
      })),
    };
  });
}
