import type postgres from "postgres";
import { z } from "zod";
import { type Check, check, found } from "./finding.ts";
import { rows } from "./rows.ts";

/** Without a partition a year's rows cannot be written. */
export function partitionsCheck(sql: postgres.Sql): Check {
  return check("The log has its partitions for this year and the next", async () => {
    const missing = await rows(
      z.object({ year: z.string() }),
      sql`
        select year::text as year
        from generate_series(extract(year from now())::integer, extract(year from now())::integer + 1) as year
        where not exists (
          select from pg_inherits
          where inhparent = 'public.hlf_sync_audit_log'::regclass
            and inhrelid = to_regclass(format('hlf_sync.audit_log_%s', year))
        )`,
    );
    return {
      findings: missing.map(({ year }) => ({
        problem: `There is no partition for ${year}.`,
        remedy: { sql: `select hlf_sync.ensure_audit_log_partitions(${year}, ${year})` },
      })),
    };
  });
}

const verification = z.object({
  is_intact: z.boolean(),
  checked_days: z.number(),
  day: z.string().nullable(),
  reason: z.string().nullable(),
  is_late: z.boolean(),
  sealed_until: z.string().nullable(),
});

const INCIDENT = { advice: "Treat it as an incident; see docs/guides/operations.md." };

/** Older days are verified by the nightly job and when they are exported. */
export function sealsCheck(sql: postgres.Sql): Check {
  return check("The log of the last thirty days matches its seals", async () => {
    const [seals] = await rows(
      verification,
      sql`
        select v.is_intact, v.checked_days, to_char(v.first_bad_day, 'YYYY-MM-DD') as day, v.reason,
          v.reason is not distinct from 'seal missing'
            and v.first_bad_day > coalesce((select p.sealed_until from hlf_sync.pulse as p), '-infinity')
            as is_late,
          (select to_char(p.sealed_until, 'YYYY-MM-DD') from hlf_sync.pulse as p) as sealed_until
        from hlf_sync.verify_audit(current_date - 30, current_date) as v`,
    );
    if (seals === undefined) return { unchecked: ["the verification says nothing"] };
    const { is_intact, checked_days, day, reason, is_late, sealed_until } = seals;
    if (is_late) {
      return found(`${day} has not been sealed.`, { sql: "select hlf_sync.seal_audit_log()" });
    }
    if (!is_intact) return found(`${day}: ${reason}.`, INCIDENT);
    if (checked_days > 0) return {};
    if (sealed_until === null) return { unseen: ["no day has been sealed yet"] };
    // Whoever takes all seals away leaves nothing that would not match.
    return found(
      `There is no seal of the last thirty days, although sealed was until ${sealed_until}.`,
      INCIDENT,
    );
  });
}
