import type postgres from "postgres";
import { z } from "zod";
import { type Check, check, found } from "./finding.ts";
import { rows } from "./rows.ts";

/** Break-glass dates its attempts by this machine, and the database refuses what is five minutes ahead. */
const TOLERANCE_SECONDS = 60;

/** @param now milliseconds since 1970, by this machine */
export function clockCheck(sql: postgres.Sql, now: () => number): Check {
  return check("The database's clock and this machine's agree", async () => {
    const before = now();
    const [database] = await rows(
      z.object({ seconds: z.coerce.number() }),
      sql`select extract(epoch from hlf_sync.uuid_v7_time(hlf_sync.uuid_v7())) as seconds`,
    );
    const after = now();
    if (database === undefined) return { unchecked: ["the database does not tell the time"] };
    // Whatever the answer took on its way counts for neither.
    const ahead = Math.round(
      Math.max(before / 1000 - database.seconds, 0) -
        Math.max(database.seconds - after / 1000, 0),
    );
    if (Math.abs(ahead) <= TOLERANCE_SECONDS) return {};
    return found(
      `This machine is ${Math.abs(ahead)} seconds ${ahead > 0 ? "ahead" : "behind"}.`,
      { advice: "Set its clock by the network; if it is right, tell Supabase." },
    );
  });
}
