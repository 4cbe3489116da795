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

const change = z.lazy(() =>
  z.object({ type: z.enum(["INSERT", "UPDATE", "DELETE"]), table: z.literal("mentors") })
);
const work = z.lazy(() => z.object({ type: z.enum(["sweep", "nightly", "health"]) }));
// A database that was started anew asks whether this function works on it (hlf_sync.ask_for_project).
const identify = z.lazy(() => z.object({ type: z.literal("identify"), question: z.guid() }));
// Any uuid that Postgres takes, not only those of the known versions.
const forceSync = z.lazy(() =>
  z.object({ type: z.literal("force_sync"), mentor_id: z.guid().check(z.toLowerCase()) })
);

/** By type. Only that of the request is made: all of them take a cold isolate longer than the rest of its answer. */
const SCHEMAS = new Map<unknown, z.ZodMiniType<Trigger>>([
  ...(["INSERT", "UPDATE", "DELETE"].map((type) => [type, change] as const)),
  ...(["sweep", "nightly", "health"].map((type) => [type, work] as const)),
  ["identify", identify],
  ["force_sync", forceSync],
]);
// Of any other type: the problem is what it says.
const other = z.lazy(() =>
  z.pipe(z.object({ type: z.enum([...SCHEMAS.keys()].map(String)) }), z.never())
);

/**
 * Reads what was posted. Fields that a trigger does not name are tolerated and not read: a database webhook
 * may bring the record along.
 * <https://supabase.com/docs/guides/database/webhooks#payload>
 *
 * @returns the trigger, or every problem with the field it is about; values are never quoted
 */
export function parseTrigger(body: unknown): Trigger | { readonly problems: readonly string[] } {
  const schema = SCHEMAS.get(Object(body).type) ?? other;
  const { data, error } = schema.safeParse(body);
  return data ?? {
    problems: error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`),
  };
}
