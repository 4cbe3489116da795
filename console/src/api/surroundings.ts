import type { Alert, Gate, Night, Notification } from "../rows.ts";
import { answerOf } from "./answer.ts";
import type { Client } from "./client.ts";

/** What may be wrong right now, whoever it concerns. */
export interface Warnings {
  readonly alerts: readonly Alert[];
  readonly gate: Gate | null;
}

/** What changes a few times a day. */
export interface Happenings {
  readonly night: Night | null;
  readonly notifications: readonly Notification[];
}

const MOST_NOTIFICATIONS = 8;

/**
 * Open alerts, and whether sending is held back.
 *
 * @throws {ApiError} when the database could not be asked
 */
export async function readWarnings(client: Client): Promise<Warnings> {
  const [alerts, gates] = await Promise.all([
    answerOf(
      client.from("hlf_sync_alerts").select("id, kind, opened_at").is("closed_at", null)
        .order("opened_at", { ascending: false }),
    ),
    answerOf(client.from("hlf_sync_gate").select("closed_until, reason")),
  ]);
  return { alerts, gate: gates[0] ?? null };
}

/**
 * The last night, and what the coordinators of an organisation were told of late.
 *
 * @param since timestamp of the oldest notification of interest
 * @throws {ApiError} when the database could not be asked
 */
export async function readHappenings(
  client: Client,
  organisationId: string,
  since: string,
): Promise<Happenings> {
  const [nights, notifications] = await Promise.all([
    answerOf(
      client.from("hlf_nightly_runs")
        .select(
          "run_date, started_at, finished_at, expired_count, reminder_count, drift_count, " +
            "listing_count",
        )
        .order("run_date", { ascending: false }).limit(1)
        .overrideTypes<Night[], { merge: false }>(),
    ),
    answerOf(
      client.from("coordinator_notifications").select("id, mentor_id, kind, created_at")
        .eq("organisation_id", organisationId).gte("created_at", since)
        .order("created_at", { ascending: false }).limit(MOST_NOTIFICATIONS),
    ),
  ]);
  return { night: nights[0] ?? null, notifications };
}
