import postgres from "postgres";
import { asPlatform } from "../../stack/database/postgres_database.ts";
import { coordinator, ORGANISATIONS } from "./people.ts";
import type { LoadedLog, Read } from "./reads.ts";

/**
 * How a coordinator's query was carried out, functions included, once the plan is the one that is kept.
 * <https://www.postgresql.org/docs/15/auto-explain.html>
 */
export async function readPlan({ url, month }: LoadedLog, read: Read): Promise<string> {
  const notices: string[] = [];
  const sql = postgres(asPlatform(url), {
    max: 1,
    fetch_types: false,
    onnotice: ({ message }) => notices.push(message ?? ""),
  });
  const number = 4321;
  try {
    await sql.unsafe("load 'auto_explain'");
    await sql`select set_config('request.jwt.claims', ${
      JSON.stringify({ sub: coordinator(number % ORGANISATIONS), role: "authenticated" })
    }, false)`;
    await sql.unsafe(`
      set auto_explain.log_analyze = on; set auto_explain.log_nested_statements = on;
      set auto_explain.log_buffers = on; set auto_explain.log_level = notice;
      set client_min_messages = notice; set role authenticated`);
    const ask = () =>
      sql.unsafe(read.query, [...read.parameters(number, month)] as never[], { prepare: true });
    // Five plans are made for the values given before one is kept for any.
    for (let i = 0; i < 8; i++) await ask();
    notices.length = 0;
    await sql.unsafe("reset role");
    await sql.unsafe("set auto_explain.log_min_duration = 0");
    await sql.unsafe("set role authenticated");
    // The role has changed, and with it the plan; once more, so that it is warm.
    await ask();
    notices.length = 0;
    await ask();
    const plan = notices.filter((text) => /\baudit_log_/.test(text)).at(-1) ?? "";
    return plan.slice(plan.indexOf("Query Text"));
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** What is wrong with a plan: a table read from end to end, another index, or rows where the index would have done. */
export function findFaults(plan: string, read: Read): string[] {
  const faults: string[] = [];
  if (plan === "") return ["there is no plan"];
  if (/Seq Scan on (?:hlf_sync_)?audit_log/.test(plan)) {
    faults.push("a partition is read from end to end");
  }
  const scans = [
    ...plan.matchAll(
      /(Index (?:Only )?Scan|Bitmap Index Scan)[^\n]*? (?:using|on) ((?:hlf_sync_)?audit_log\w+)/g,
    ),
  ];
  if (scans.length === 0) faults.push("no index is read");
  for (const [, kind, name = ""] of scans) {
    if (!name.includes(read.index)) faults.push(`${name} is read instead of ${read.index}`);
    if ((kind === "Index Only Scan") !== read.isIndexOnly) faults.push(`${name}: ${kind}`);
  }
  // All of them would have to be read first; counting may sort what it has read.
  if (/Sort Key: .*created_at/.test(plan)) faults.push("rows are sorted");
  return [...new Set(faults)];
}
