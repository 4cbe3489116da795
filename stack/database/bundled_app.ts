import type { StackDatabase } from "./database.ts";
import { prepareDatabase } from "./prepare_database.ts";
import { projectPath } from "../machine/project_path.ts";

/** The app that a stack's database holds, with hlf-sync in it. */
export interface StackApp {
  /** Brings the database, which is empty unless it was prepared before, to the app's schema. */
  prepare(database: StackDatabase): Promise<void>;
  /** File with its rows. */
  readonly seedPath: string;
  /** Makes a user who has signed up the coordinator of an organisation. */
  admit(database: Pick<StackDatabase, "query">, user: string, organisation: string): Promise<void>;
}

/** The app that this project brings along. */
export const BUNDLED_APP: StackApp = {
  prepare: (database) => prepareDatabase(database),
  seedPath: projectPath("supabase/seed.sql"),
  admit: async (database, user, organisation) => {
    await database.query(
      `insert into public.organisation_members (organisation_id, user_id, role)
      values ($1::text::uuid, $2::text::uuid, 'coordinator')`,
      [organisation, user],
    );
  },
};
