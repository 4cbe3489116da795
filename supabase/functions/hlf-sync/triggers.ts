import { z } from "zod";

const webhook = z.object({
  type: z.enum(["INSERT", "UPDATE", "DELETE"]),
  table: z.literal("mentors"),
});

const forceSync = z.object({
  type: z.literal("force_sync"),
  // Any uuid that Postgres takes, not only those of the known versions.
  mentor_id: z.guid().toLowerCase(),
});

/**
 * What may be posted. Fields that are not named here are tolerated and not read: a database webhook
 * may bring the record along.
 * <https://supabase.com/docs/guides/database/webhooks#payload>
 */
export const trigger = z.discriminatedUnion("type", [
  webhook,
  z.object({ type: z.literal("sweep") }),
  z.object({ type: z.literal("nightly") }),
  z.object({ type: z.literal("health") }),
  // A database that was started anew asks whether this function works on it (hlf_sync.ask_for_project).
  z.object({ type: z.literal("identify"), question: z.guid() }),
  forceSync,
]);

export type Trigger = z.infer<typeof trigger>;

/** Every problem of a body, each with the field it is about. Values are never quoted. */
export function problemsOf(error: z.ZodError): string[] {
  return error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
}
