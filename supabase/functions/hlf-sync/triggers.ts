import { en } from "zod/locales";
import * as z from "zod/mini";

/** What may be posted, as far as it is read. */
export type Trigger =
  | { readonly type: "INSERT" | "UPDATE" | "DELETE"; readonly table: "mentors" }
  | { readonly type: "sweep" | "nightly" | "health" }
  | { readonly type: "identify"; readonly question: string }
  | { readonly type: "force_sync"; readonly mentor_id: string };

// The small zod brings no words along.
z.config(en());

const trigger = z.discriminatedUnion("type", [
  z.object({ type: z.enum(["INSERT", "UPDATE", "DELETE"]), table: z.literal("mentors") }),
  z.object({ type: z.enum(["sweep", "nightly", "health"]) }),
  // A database that was started anew asks whether this function works on it (hlf_sync.ask_for_project).
  z.object({ type: z.literal("identify"), question: z.guid() }),
  // Any uuid that Postgres takes, not only those of the known versions.
  z.object({ type: z.literal("force_sync"), mentor_id: z.guid().check(z.toLowerCase()) }),
]);

/**
 * Reads what was posted. Fields that a trigger does not name are tolerated and not read: a database webhook
 * may bring the record along.
 * <https://supabase.com/docs/guides/database/webhooks#payload>
 *
 * @returns the trigger, or every problem with the field it is about; values are never quoted
 */
export function parseTrigger(body: unknown): Trigger | { readonly problems: readonly string[] } {
  const { data, error } = trigger.safeParse(body);
  return data ?? {
    problems: error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`),
  };
}
