import * as v from "valibot";

/** Any uuid that Postgres takes, not only those of the known versions. */
const uuid = v.pipe(v.string(), v.uuid());

const trigger = v.variant("type", [
  v.object({ type: v.picklist(["INSERT", "UPDATE", "DELETE"]), table: v.literal("mentors") }),
  v.object({ type: v.picklist(["sweep", "nightly", "health"]) }),
  // A database that was started anew asks whether this function works on it (hlf_sync.ask_for_project).
  v.object({ type: v.literal("identify"), question: uuid }),
  v.object({ type: v.literal("force_sync"), mentor_id: v.pipe(uuid, v.toLowerCase()) }),
]);

/** What may be posted, as far as it is read. */
export type Trigger = v.InferOutput<typeof trigger>;

/**
 * Reads what was posted. Fields that a trigger does not name are tolerated and not read: a database webhook
 * may bring the record along. By valibot, as zod takes a cold isolate three milliseconds to load.
 * <https://supabase.com/docs/guides/database/webhooks#payload>
 *
 * @returns the trigger, or every problem with the field it is about; values are never quoted
 */
export function parseTrigger(body: unknown): Trigger | { readonly problems: readonly string[] } {
  // An array is an object to valibot: who sends several at once is to be told that.
  const { success, output, issues } = v.safeParse(trigger, Array.isArray(body) ? null : body);
  return success ? output : { problems: issues.map(problemOf) };
}

function problemOf(issue: v.InferIssue<typeof trigger>): string {
  const field = v.getDotPath(issue) ?? "body";
  if (issue.received === "undefined") return `${field}: is missing`;
  return `${field}: expected ${(issue.expected ?? issue.type).replace(/[()]/g, "")}`;
}
