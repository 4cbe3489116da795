import * as z from "zod/mini";
import { answerOf, ApiError } from "./answer.ts";
import type { Client } from "./client.ts";

const operation = z.enum(["remove", "restore"]);
const timestamp = z.nullable(z.string());

const state = z.object({
  mentor_id: z.string(),
  wanted_operation: operation,
  generation: z.number(),
  triggered_by_event: z.string(),
  due_at: timestamp,
  attempts: z.number(),
  in_flight_attempt_id: z.nullable(z.string()),
  confirmed_operation: z.nullable(operation),
  confirmed_generation: z.nullable(z.number()),
  confirmed_at: timestamp,
  dead_lettered_at: timestamp,
  last_error: z.nullable(z.string()),
  updated_at: z.string(),
});

const mentor = z.object({
  id: z.string(),
  full_name: z.string(),
  // A host app may have more of them than this project knows.
  status: z.string(),
  certification_expiry_date: z.nullable(z.string()),
});

const alert = z.object({ kind: z.string(), opened_at: z.string() });
const night = z.object({ started_at: z.string(), finished_at: timestamp });
const notification = z.object({
  id: z.string(),
  mentor_id: z.string(),
  kind: z.string(),
  created_at: z.string(),
});

/** Left out, a part was refused. */
function part<T extends z.ZodMiniType>(type: T) {
  return z._default(z.nullable(type), null);
}

const news = z.object({
  read_at: z.string(),
  organisation: z.nullable(
    z.object({ id: z.string(), name: z.string(), is_enabled: z.boolean() }),
  ),
  state_count: z.number(),
  states: z.array(state),
  mentors: part(z.array(mentor)),
  gate: part(z.object({ closed_until: z.string(), reason: z.nullable(z.string()) })),
  alerts: part(z.array(alert)),
  nights: part(z.array(night)),
  notifications: part(z.array(notification)),
  newest_attempt: part(z.string()),
});

/** What the page shows of an organisation, or what of it has changed; null for a part that was refused. */
export type News = z.infer<typeof news>;

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
  const parsed = news.safeParse(answer);
  if (!parsed.success) throw new ApiError("refused", parsed.error);
  return parsed.data;
}
