/**
 * Whether the audit log stays quick as it grows: what coordinators read, with 1 million rows and with 10 million, under
 * row level security and without; and what an insert costs compared with a plain table. One million is both what ten
 * are after half a year, and a tenth of the traffic. On a server of its own, which is thrown away; takes some minutes
 * and 6 GB of disk.
 *
 * @module
 */
import { startPostgresServer } from "../../stack/postgres/server.ts";
import { runCommand } from "../../tasks/run_command.ts";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { timeInserts } from "./inserts.ts";
import { loadLog } from "./load_log.ts";
import { findFaults, readPlan } from "./plans.ts";
import { type LoadedLog, type Month, READS, timeReads } from "./reads.ts";
import { timeEmptyRequest } from "./request.ts";
import { compare, type Comparison, describe } from "./report.ts";

const SMALL = Number(Deno.env.get("HLF_BENCH_SMALL_ROWS") ?? 1_000_000);
const LARGE = Number(Deno.env.get("HLF_BENCH_LARGE_ROWS") ?? 10_000_000);
const ROUNDS = 200;

await runCommand(async () => {
  const server = await startPostgresServer();
  const stopOnSignal = () => void server.stop().then(() => Deno.exit(130));
  Deno.addSignalListener("SIGINT", stopOnSignal);
  Deno.addSignalListener("SIGTERM", stopOnSignal);
  try {
    const makeDatabase = async (name: string): Promise<string> => {
      const url = await server.createDatabase(name);
      const database = await openPostgresDatabase(url);
      await prepareDatabase(database);
      await database.close();
      return url;
    };
    const fill = async (
      name: string,
      month: Month,
      perFiveYears: number,
      rows = perFiveYears,
    ): Promise<LoadedLog> => {
      const url = await makeDatabase(name);
      const start = performance.now();
      await loadLog(url, perFiveYears, rows);
      const seconds = Math.round((performance.now() - start) / 1000);
      console.log(`Loaded ${rows.toLocaleString("en")} rows (${name}) in ${seconds} s`);
      return { url, month };
    };

    // First, as nothing that was loaded is yet being written to disk.
    const insertsUrl = await makeDatabase("inserts");
    const one = await timeInserts(insertsUrl, 1000, 1);
    const fifty = await timeInserts(insertsUrl, 200, 50);
    const spring: Month = ["2027-03-01", "2027-03-31"];
    const autumn: Month = ["2031-09-01", "2031-09-30"];
    const logs = {
      young: await fill("young", spring, LARGE, SMALL),
      sparse: await fill("sparse", autumn, SMALL),
      large: await fill("large", autumn, LARGE),
    };

    const comparisons: Comparison[] = [];
    const request = await timeEmptyRequest(logs.large.url, 1000);
    for (const times of await timeReads(logs, ROUNDS)) {
      const { read: { name, limits }, young, sparse, large, largeWithoutRls } = times;
      const { tenfold = null, rls = null } = limits ?? {};
      comparisons.push(
        compare(`${name}: after 5 years to after ½`, large, young, tenfold),
        compare(`${name}: with RLS to without`, large, largeWithoutRls, rls),
        // Ten times as much has happened in a month then, and all of it is counted.
        compare(
          "  a request, with 10 times the traffic",
          request + large,
          request + sparse,
          tenfold,
        ),
        compare("  the server's part of it", large, sparse, null),
      );
    }
    comparisons.push(compare("insert of an attempt: log to plain table", one.log, one.plain, 2));
    comparisons.push(
      compare("insert of 50 at once: log to plain table", fifty.log, fifty.plain, null),
    );

    let faults = 0;
    for (const read of READS.filter(({ limits }) => limits !== null)) {
      const plan = await readPlan(logs.large, read);
      console.log(
        `\n── ${read.name}, as a coordinator, of ${LARGE.toLocaleString("en")} rows\n${plan}`,
      );
      for (const fault of findFaults(plan, read)) {
        faults++;
        console.log(`FAILED  ${fault}`);
      }
    }
    console.log(`\n${describe(comparisons)}`);
    return faults === 0 && comparisons.every(({ holds }) => holds) ? 0 : 1;
  } finally {
    Deno.removeSignalListener("SIGINT", stopOnSignal);
    Deno.removeSignalListener("SIGTERM", stopOnSignal);
    await server.stop();
  }
});
