/**
 * Checks a function that was just deployed: `SUPABASE_PROJECT_ID=… HLF_SYNC_SECRET_KEY=… deno task deploy:check`.
 *
 * @module
 */
import { systemSleep } from "../../supabase/functions/_shared/clock.ts";
import { runCli } from "../cli/run_cli.ts";
import { OperationError } from "../cli/errors.ts";
import { checkHealth } from "./check_health.ts";

function required(name: string): string {
  const value = Deno.env.get(name)?.trim();
  if (!value) throw new OperationError("usage", `${name} is missing, or empty`);
  return value;
}

await runCli(async () => {
  const project = required("SUPABASE_PROJECT_ID");
  if (!/^[a-z0-9]+$/.test(project)) {
    throw new OperationError("usage", "SUPABASE_PROJECT_ID must be a project's reference id");
  }
  const url = `https://${project}.supabase.co/functions/v1/hlf-sync`;
  const report = await checkHealth(url, required("HLF_SYNC_SECRET_KEY"), {
    fetch,
    sleep: systemSleep,
  });
  console.log(report.message);
  return report.isWell ? 0 : 1;
});
