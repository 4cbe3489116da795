import type { Stack } from "../stack/stack_types.ts";
import type { AttemptRow } from "./attempt_line.ts";

/** How many rows are remembered as seen: far more than are written between two looks. */
const REMEMBERED = 5_000;

/**
 * Calls `onAttempt` for each new row of the audit log, until `signal` is aborted.
 *
 * Rows of one moment become visible in any order, so the newest are read and those seen before are left out.
 */
export async function followAttempts(
  stack: Pick<Stack, "sql">,
  onAttempt: (row: AttemptRow) => void,
  signal: AbortSignal,
): Promise<void> {
  const seen = new Set<string>();
  while (!signal.aborted) {
    const rows = await stack.sql<AttemptRow>(
      `select id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message, triggered_by_event,
        created_at::text
      from public.hlf_sync_audit_log order by created_at desc, id desc limit 500`,
    ).catch(() => []);
    for (const row of rows.reverse()) {
      if (seen.has(row.id)) continue;
      seen.add(row.id);
      onAttempt(row);
    }
    for (const id of seen) {
      if (seen.size <= REMEMBERED) break;
      seen.delete(id);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
