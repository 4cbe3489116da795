import postgres from "postgres";
import { readTap, type TapResult } from "./tap.ts";

/** Runs a file and returns the first column of each row, statement by statement. */
export type RunFile = (sql: string) => Promise<string[]>;

/** Runs each file in a session of its own. */
export function onServer(databaseUrl: string): RunFile {
  return async (sql) => {
    const session = postgres(databaseUrl, { max: 1, onnotice: () => {} });
    try {
      const results: unknown[] = await session.unsafe(sql).values();
      return results.flat().map(firstColumn);
    } finally {
      await session.end({ timeout: 5 });
    }
  };
}

export function firstColumn(row: unknown): string {
  return Array.isArray(row) ? String(row[0]) : "";
}

/** Runs a file of pgTAP; one that ends early has failed. */
export async function runPgTapFile(run: RunFile, sql: string): Promise<TapResult> {
  try {
    return readTap(await run(sql));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { passed: 0, failed: 1, problems: [`# the file ended early: ${message}`] };
  }
}
