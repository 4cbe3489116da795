import * as v from "valibot";
import { mentor, syncState } from "../model/rows.ts";
import { answerOf, ApiError } from "./answer.ts";
import type { Client } from "./client.ts";

const timestamp = v.nullable(v.string());

const alert = v.object({ kind: v.string(), opened_at: v.string() });
const night = v.object({ started_at: v.string(), finished_at: timestamp });
const notification = v.object({
  id: v.string(),
  mentor_id: v.string(),
  kind: v.string(),
  created_at: v.string(),
});

/** Left out, a part was refused. */
function part<T extends v.GenericSchema>(type: T) {
  return v.optional(v.nullable(type), null);
}

const news = v.object({
  read_at: v.string(),
  organisation: v.nullable(
    v.object({ id: v.string(), name: v.string(), is_enabled: v.boolean() }),
  ),
  state_count: v.number(),
  states: v.array(syncState),
  mentors: part(v.array(mentor)),
  gate: part(v.object({ closed_until: v.string(), reason: v.nullable(v.string()) })),
  alerts: part(v.array(alert)),
  nights: part(v.array(night)),
  notifications: part(v.array(notification)),
  newest_attempt: part(v.string()),
});

/** What the page shows of an organisation, or what of it has changed; null for a part that was refused. */
export type News = v.InferOutput<typeof news>;

/**
 * Reads everything, or what is new.
 *
 * @param since `read_at` of the answer before; null for everything
 * @throws {ApiError} when the database could not be asked
 */
export async function readNews(
  client: Client,
  organisationId: string,
  since: string | null,
): Promise<News> {
  const answer: unknown = await answerOf(
    client.rest.rpc("read_hlf_sync_news", {
      org_id: organisationId,
      ...(since !== null && { since }),
    }),
  );
  const parsed = v.safeParse(news, answer);
  if (!parsed.success) throw new ApiError("refused", parsed.issues);
  return parsed.output;
}
