import type { StackDatabase } from "./database/database.ts";

/** The listings that the app's mentors should have in Dynamics. */
export async function readListings(
  database: Pick<StackDatabase, "query">,
): Promise<{ mentorId: string; published: boolean; name: string }[]> {
  return await database.query(
    `select mentor_id as "mentorId", is_shown as published, coalesce(name, '') as name
    from hlf_sync.mentors order by mentor_id`,
  );
}
