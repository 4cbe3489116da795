import { FunctionsFetchError, FunctionsHttpError } from "@supabase/functions-js";
import * as v from "valibot";
import type { Operation } from "../model/rows.ts";
import { answerOf, ApiError, PAGE_SIZE, readAll } from "./answer.ts";
import type { Client } from "./client.ts";

/** What is refused by name. */
const REFUSALS = [
  "unauthorised",
  "not_found",
  "not_coordinator",
  "sync_disabled",
  "too_many_requests",
] as const;

/** Why something that a coordinator asked for is not done. */
export type Refusal = typeof REFUSALS[number] | "unreachable" | "other";

/** How far a sync is that was asked for with the button. */
export type ForceSync =
  | { readonly kind: "busy" }
  | { readonly kind: "answered"; readonly report: ForceSyncReport }
  | { readonly kind: "refused"; readonly reason: Refusal };

const report = v.object({
  operation: v.nullable(v.picklist(["remove", "restore"])),
  outcome: v.picklist(["success", "failure", "dead_lettered", "pending"]),
  error: v.nullable(v.string()),
  next_attempt_at: v.optional(v.string()),
});

/** What came of a sync that was asked for. */
export type ForceSyncReport = v.InferOutput<typeof report>;

const refusal = v.object({ error: v.object({ code: v.string() }) });

/** Syncs a mentor now and waits for what comes of it. Asking twice is asking once. */
export async function forceSync(
  client: Client,
  mentorId: string,
): Promise<ForceSyncReport | Refusal> {
  const { data, error } = await client.functions.invoke<unknown>("hlf-sync", {
    body: { type: "force_sync", mentor_id: mentorId },
  });
  if (error instanceof FunctionsFetchError) return "unreachable";
  if (error instanceof FunctionsHttpError) {
    const response = error.context as Response;
    const body: unknown = await response.json().catch(() => null);
    const parsed = v.safeParse(refusal, body);
    if (parsed.success) return asRefusal(parsed.output.error.code);
    return response.status === 401 ? "unauthorised" : "other";
  }
  const parsed = v.safeParse(report, data);
  return error === null && parsed.success ? parsed.output : "other";
}

/** What sending again would do for one mentor. */
export interface Preview {
  readonly mentorId: string;
  readonly operation: Operation;
  /** Dynamics has confirmed the same already. */
  readonly isInSync: boolean;
  readonly isDeadLetter: boolean;
}

/**
 * What a sync of these mentors would change, as things are now.
 *
 * @throws {ApiError} when the database could not be asked
 */
export async function previewRequeue(
  client: Client,
  organisationId: string,
  mentorIds: readonly string[],
): Promise<Preview[]> {
  const rows = await readAll<{
    mentor_id: string;
    wanted_operation: Operation;
    is_in_sync: boolean;
    is_dead_letter: boolean;
  }>((after) => {
    let query = client.rest.rpc("preview_hlf_sync", {
      org_id: organisationId,
      mentor_ids: [...mentorIds],
    }).order("mentor_id").limit(PAGE_SIZE);
    if (after !== null) query = query.gt("mentor_id", after.mentor_id);
    return answerOf(query);
  });
  return rows.map((row) => ({
    mentorId: row.mentor_id,
    operation: row.wanted_operation,
    isInSync: row.is_in_sync,
    isDeadLetter: row.is_dead_letter,
  }));
}

/** Makes dead letters due again; how many, or why not. */
export async function requeue(
  client: Client,
  organisationId: string,
  mentorIds: readonly string[],
): Promise<number | Refusal> {
  try {
    const [row] = await answerOf(
      client.rest.rpc("requeue_hlf_dead_letters", {
        org_id: organisationId,
        mentor_ids: [...mentorIds],
      }),
    );
    return row?.result === "accepted" ? row.requeued_count : asRefusal(row?.result ?? null);
  } catch (error) {
    return refusalOf(error);
  }
}

/** Why a question to the database was not answered. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof ApiError)) return "other";
  if (error.code === "signed_out") return "unauthorised";
  return error.code === "unreachable" ? "unreachable" : "other";
}

function asRefusal(code: string | null): Refusal {
  return REFUSALS.find((known) => known === code) ?? "other";
}
