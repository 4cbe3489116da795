import { z } from "zod";
import type { DatabaseClient } from "../_shared/service_client.ts";
import { type ManualRefusal, orUnauthorised, permissionResult } from "./permission.ts";
import { read } from "./queue.ts";

export type RequeueAnswer =
  | { readonly kind: "accepted"; readonly requeued: number }
  | { readonly kind: "refused"; readonly reason: ManualRefusal };

const rows = z.array(
  z.object({ result: permissionResult, requeued_count: z.int().min(0) }),
).length(1);

/**
 * Makes dead letters of an organisation due again on behalf of a signed-in user: those of the given
 * mentors, or all. The database decides whether they may.
 *
 * @param asUser carries the caller's token
 * @throws {DatabaseError} when the database could not be asked
 */
export async function requeue(
  asUser: DatabaseClient,
  organisationId: string,
  mentorIds: readonly string[] | undefined,
): Promise<RequeueAnswer> {
  const name = "requeue_hlf_dead_letters";
  return await orUnauthorised(async (): Promise<RequeueAnswer> => {
    const answer = await asUser.rpc(name, {
      org_id: organisationId,
      ...(mentorIds !== undefined && { mentor_ids: [...mentorIds] }),
    });
    const [row] = read(name, answer, rows);
    if (row?.result === "accepted") return { kind: "accepted", requeued: row.requeued_count };
    return { kind: "refused", reason: row?.result ?? "not_found" };
  }).then((answer) =>
    answer === "unauthorised" ? { kind: "refused", reason: "unauthorised" } : answer
  );
}
