import type { Day } from "../model/moment.ts";
import { answerOf } from "./answer.ts";
import type { Client } from "./client.ts";

/** What a check of the seals found. */
export interface SealCheck {
  readonly isIntact: boolean;
  readonly checkedDays: number;
  readonly firstBadDay: Day | null;
  readonly reason: string | null;
}

/**
 * Has the database compare the log with its seals, both days included.
 *
 * @throws {ApiError} when the database could not be asked
 */
export async function verifySeals(client: Client, from: Day, to: Day): Promise<SealCheck> {
  const [row] = await answerOf(
    client.rest.rpc("verify_hlf_sync_audit", { from_day: from, to_day: to }),
  );
  return {
    isIntact: row?.is_intact ?? false,
    checkedDays: row?.checked_days ?? 0,
    firstBadDay: row?.first_bad_day ?? null,
    reason: row?.reason ?? null,
  };
}
