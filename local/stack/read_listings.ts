import type { StackDatabase } from "./database.ts";

/** The listings that the app's mentors should have in Dynamics. */
export async function readListings(
  database: Pick<StackDatabase, "query">,
): Promise<{ mentorId: string; published: boolean; name: string }[]> {
  return await database.query(
    `select id as "mentorId", status = 'active' as published, full_name as name
    from public.mentors order by id`,
  );
}
