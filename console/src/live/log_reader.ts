import { batch, signal } from "@preact/signals";
import type { LogPosition } from "../api/log.ts";
import type { LogFilter } from "../log_filter.ts";
import { dayOf } from "../moment.ts";
import type { OutcomeDays } from "../outcome_days.ts";
import type { Attempt, Outcome } from "../rows.ts";

/** How many attempts there were, as the database counts them. */
export interface LogCounts {
  /** Of the whole organisation. */
  readonly summary: Record<Outcome, number>;
  /** Under the filter. */
  readonly days: readonly OutcomeDays[];
}

/** The log of one organisation under one filter. */
export interface LogSource {
  readAttempts(before: LogPosition | null, limit: number): Promise<Attempt[]>;
  readCounts(): Promise<LogCounts>;
}

const ROWS_AT_ONCE = 50;

/** What the log view shows: rows page by page, a chart, sums; kept up to date at its newest end. */
export class LogReader {
  readonly rows = signal<readonly Attempt[] | null>(null);
  readonly hasMore = signal(false);
  readonly isReading = signal(false);
  readonly counts = signal<LogCounts | null>(null);
  #isRefreshing = false;

  constructor(private readonly source: LogSource, readonly filter: LogFilter) {}

  /** Reads what is new; at first, everything that is shown. */
  async refresh(now: Date): Promise<void> {
    const isFirst = this.rows.value === null;
    if (this.#isRefreshing || (!isFirst && this.filter.to < dayOf(now))) return;
    this.#isRefreshing = true;
    try {
      await (isFirst ? this.#readAll() : this.#readNews());
    } finally {
      this.#isRefreshing = false;
    }
  }

  /** Reads the next older rows. */
  async readMore(): Promise<void> {
    const rows = this.rows.value;
    if (rows === null || this.isReading.value) return;
    this.isReading.value = true;
    try {
      const older = await this.source.readAttempts(rows.at(-1) ?? null, ROWS_AT_ONCE);
      batch(() => {
        this.rows.value = merged(this.rows.value ?? [], older);
        this.hasMore.value = older.length === ROWS_AT_ONCE;
      });
    } finally {
      this.isReading.value = false;
    }
  }

  async #readAll(): Promise<void> {
    const [rows, counts] = await Promise.all([
      this.source.readAttempts(null, ROWS_AT_ONCE),
      this.source.readCounts(),
    ]);
    batch(() => {
      this.rows.value = rows;
      this.hasMore.value = rows.length === ROWS_AT_ONCE;
      this.counts.value = counts;
    });
  }

  async #readNews(): Promise<void> {
    const newest = await this.source.readAttempts(null, ROWS_AT_ONCE);
    const known = new Set(this.rows.value?.map(({ id }) => id));
    const news = newest.filter(({ id }) => !known.has(id));
    if (news.length === 0) return;
    // More came than one page holds, so what lies between is not known.
    if (news.length === ROWS_AT_ONCE) return await this.#readAll();
    const counts = await this.source.readCounts();
    batch(() => {
      this.rows.value = merged(news, this.rows.value ?? []);
      this.counts.value = counts;
    });
  }
}

function merged(some: readonly Attempt[], others: readonly Attempt[]): Attempt[] {
  const rows = new Map([...some, ...others].map((row) => [row.id, row]));
  return [...rows.values()].sort(newestFirst);
}

function newestFirst(a: Attempt, b: Attempt): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}
