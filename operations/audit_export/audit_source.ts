import type postgres from "postgres";
import { z } from "zod";
import { explainDatabase, openDatabase } from "../cli/open_database.ts";
import { AUDIT_ROWS } from "./audit_row.ts";
import { type Day, dayAfter } from "./days.ts";
import { type Seal, sealSchema } from "./manifest.ts";

/** What an export reads, all of it as of one moment. */
export interface AuditSource {
  /** `public.hlf_sync_audit_log`, or the table of a detached year. */
  readonly table: string;
  /** Seals of a range, in the order of their days. */
  seals(from: Day, to: Day): Promise<Seal[]>;
  /** The first and the last day that are sealed; null when none is. */
  sealedDays(): Promise<{ readonly first: Day; readonly last: Day } | null>;
  /** Rows as an export writes them, in its order, some thousands at a time. */
  rows(from: Day, to: Day): AsyncIterable<string[]>;
}

const PAGE_SIZE = 5000;

const days = z.tuple([z.object({ first: z.string().nullable(), last: z.string().nullable() })]);
const lines = z.array(z.object({ line: z.string() }));
const seals = z.array(sealSchema);

/**
 * Opens the log of a database for as long as `work` takes.
 *
 * @param url of a role that row level security lets by: the owner `postgres` of a hosted project
 * @param partition a year, whether it is detached or not; the whole log when null
 * @throws {OperationError} `unreachable`, or `refused` for what the role may not read
 */
export async function withAuditSource<T>(
  url: string,
  partition: number | null,
  work: (source: AuditSource) => Promise<T>,
): Promise<T> {
  const table = partition === null
    ? "public.hlf_sync_audit_log"
    : `hlf_sync.audit_log_${partition}`;
  const sql = openDatabase(url);
  try {
    // One snapshot, so that rows and seals belong together however long the export takes.
    return await sql.begin("isolation level repeatable read read only", async (transaction) => {
      // An error is better than an export in which the policies have left out rows.
      await transaction`set local row_security = off`;
      await transaction`set local statement_timeout = 0`;
      return await work(createSource(transaction, table));
    }) as T;
  } catch (error) {
    throw explainDatabase(error, table);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function createSource(sql: postgres.TransactionSql, table: string): AuditSource {
  return {
    table,
    async seals(from, to) {
      return seals.parse(
        await sql`
          select to_char(day, 'YYYY-MM-DD') as day, row_count::integer, digest, previous_digest
          from public.hlf_sync_audit_seals
          where day between ${from}::text::date and ${to}::text::date
          order by hlf_sync_audit_seals.day`,
      );
    },
    async sealedDays() {
      const [{ first, last }] = days.parse([
        ...await sql`
          select to_char(min(day), 'YYYY-MM-DD') as first, to_char(max(day), 'YYYY-MM-DD') as last
          from public.hlf_sync_audit_seals`,
      ]);
      return first === null || last === null ? null : { first, last };
    },
    async *rows(from, to) {
      // One sort and a cursor: no index serves pages in this order, so each would sort anew.
      const query = sql.unsafe(
        `select ${AUDIT_ROWS.line} as line from ${table} as log
        where log.created_at >= $1::text::timestamptz and log.created_at < $2::text::timestamptz
        order by log.created_at, log.id`,
        [`${from} 00:00:00+00`, `${dayAfter(to)} 00:00:00+00`],
      );
      for await (const page of query.cursor(PAGE_SIZE)) {
        yield lines.parse(page).map(({ line }) => line);
      }
    },
  };
}
