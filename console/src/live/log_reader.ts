import { batch, signal } from "@preact/signals";
import { PAGE_SIZE } from "../api/answer.ts";
import type { LogPosition } from "../api/log.ts";
import type { LogFilter } from "../model/log_filter.ts";
import { dayOf } from "../model/moment.ts";
import type { Attempt } from "../model/rows.ts";

/** The log of one organisation under one filter. */
interface LogSource {
  readAttempts(before: LogPosition | null, limit: number): Promise<Attempt[]>;
}

const ROWS_AT_ONCE = 50;

/** What the log view shows: rows page by page, kept up to date at the newest end. */
export class LogReader {
  readonly rows = signal<readonly Attempt[] | null>(null);
  readonly hasMore = signal(false);
  readonly isReading = signal(false);
  #version = -1;
  #isRefreshing = false;

  /** @param rowsBefore as many were shown when somebody left, who now comes back to them */
  constructor(
    private readonly source: LogSource,
    readonly filter: LogFilter,
    private readonly rowsBefore = 0,
  ) {}

  /**
   * Reads what is new; at first, everything that is shown.
   *
   * @param version grows when there may be new rows; what was read for it is not read again
   */
  async refresh(now: Date, version: number): Promise<void> {
    const isFirst = this.rows.value === null;
    if (
      version === this.#version || this.#isRefreshing || (!isFirst && this.filter.to < dayOf(now))
    ) return;
    this.#isRefreshing = true;
    try {
      await (isFirst ? this.#readAll() : this.#readNews());
      this.#version = version;
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
    const limit = Math.min(PAGE_SIZE, Math.max(ROWS_AT_ONCE, this.rowsBefore));
    const rows = await this.source.readAttempts(null, limit);
    batch(() => {
      this.rows.value = rows;
      this.hasMore.value = rows.length === limit;
    });
  }

  async #readNews(): Promise<void> {
    const newest = await this.source.readAttempts(null, ROWS_AT_ONCE);
    const known = new Set(this.rows.value?.map(({ id }) => id));
    const news = newest.filter(({ id }) => !known.has(id));
    if (news.length === 0) return;
    // More came than one page holds, so what lies between is not known.
    if (news.length === ROWS_AT_ONCE) return await this.#readAll();
    this.rows.value = merged(news, this.rows.value ?? []);
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
