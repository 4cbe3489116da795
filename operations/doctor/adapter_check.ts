import type postgres from "postgres";
import { z } from "zod";
import { type Check, check } from "./finding.ts";
import { rows } from "./rows.ts";

const found = z.object({ rule: z.string(), problem: z.string() });

const REMEDY = {
  advice:
    "Correct the adapter, or run its statements for this table again; see docs/guides/adopting.md.",
};

/** Whether the app's adapter keeps the contract, which its own tests hold it to, too. */
export function adapterCheck(sql: postgres.Sql): Check {
  return check("The app's adapter keeps its contract", async () => {
    const problems = await rows(
      found,
      sql`select rule, problem from hlf_sync.find_adapter_problems()`,
    );
    return {
      findings: problems.map(({ rule, problem }) => ({
        problem: `${rule}. Not so: ${problem}.`,
        remedy: REMEDY,
      })),
    };
  });
}
