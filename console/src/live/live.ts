import { batch, computed, signal } from "@preact/signals";
import { ApiError } from "../api/answer.ts";
import type { Happenings, Warnings } from "../api/surroundings.ts";
import { parseTimestamp } from "../moment.ts";
import type { Mentor, SyncState } from "../rows.ts";
import { listMentors } from "../standing.ts";

/** What is read again and again for one organisation. */
export interface LiveSource {
  readStates(since: string | null): Promise<SyncState[]>;
  readMentors(ids: readonly string[] | null): Promise<Mentor[]>;
  readWarnings(): Promise<Warnings>;
  readHappenings(): Promise<Happenings>;
}

export interface LiveOptions {
  readonly source: LiveSource;
  readonly now: () => Date;
  /** Ends early, without an error, when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Nothing is asked while nobody looks. */
  readonly isVisible: () => boolean;
  readonly onSignedOut: () => void;
}

/** A change in the database is to show within five seconds. */
const POLL_MS = 2500;
/** What changes a few times a day is read this often, and whenever a mentor's state has changed. */
const HAPPENINGS_MS = 10_000;
/** How often all is read anew, for what changes leave no trace in `updated_at`: names, deleted rows. */
const RELOAD_MS = 60_000;
/** A transaction that began earlier may be committed this much later, behind rows already read. */
const OVERLAP_MS = 15_000;

/** The mentors of one organisation, kept up to date. */
export class Live {
  readonly states = signal<ReadonlyMap<string, SyncState> | null>(null);
  readonly mentors = signal<ReadonlyMap<string, Mentor>>(new Map());
  readonly warnings = signal<Warnings | null>(null);
  readonly happenings = signal<Happenings | null>(null);
  /** When the database last answered; null before it first did. */
  readonly readAt = signal<Date | null>(null);
  readonly hasContact = signal(true);
  /** Counts what was read; views that read more of their own follow it. */
  readonly round = signal(0);
  readonly listed = computed(() =>
    listMentors(this.states.value?.values() ?? [], this.mentors.value)
  );

  #newest: string | null = null;
  #newestAt = 0;
  #reloadedAt = -Infinity;
  #happenedAt = -Infinity;
  #reading: Promise<void> | null = null;
  readonly #stopping = new AbortController();

  constructor(private readonly options: LiveOptions) {}

  /** Reads until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (this.options.isVisible()) await this.refresh();
      await this.options.sleep(POLL_MS, signal);
    }
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Reads what is new, after whatever is being read already. Never fails: `hasContact` tells. */
  async refresh(): Promise<void> {
    while (this.#reading !== null) await this.#reading;
    this.#reading = this.#read().finally(() => this.#reading = null);
    await this.#reading;
  }

  async #read(): Promise<void> {
    const startedAt = this.options.now();
    try {
      if (startedAt.getTime() - this.#reloadedAt >= RELOAD_MS) await this.#reload(startedAt);
      else await this.#readNews(startedAt);
      if (this.#stopping.signal.aborted) return;
      batch(() => {
        this.readAt.value = startedAt;
        this.hasContact.value = true;
        this.round.value++;
      });
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.hasContact.value = false;
      if (error instanceof ApiError && error.code === "signed_out") this.options.onSignedOut();
    }
  }

  async #reload(startedAt: Date): Promise<void> {
    const { source } = this.options;
    const [states, mentors, warnings, happenings] = await Promise.all([
      source.readStates(null),
      source.readMentors(null),
      source.readWarnings(),
      source.readHappenings(),
    ]);
    this.#reloadedAt = startedAt.getTime();
    this.#happenedAt = startedAt.getTime();
    this.#noteNewest(states);
    batch(() => {
      this.states.value = new Map(states.map((state) => [state.mentor_id, state]));
      this.mentors.value = new Map(mentors.map((mentor) => [mentor.id, mentor]));
      this.warnings.value = warnings;
      this.happenings.value = happenings;
    });
  }

  async #readNews(startedAt: Date): Promise<void> {
    const { source } = this.options;
    const [states, warnings] = await Promise.all([
      source.readStates(this.#since(startedAt)),
      source.readWarnings(),
    ]);
    const before = this.states.value ?? new Map<string, SyncState>();
    const changed = states.filter((state) =>
      JSON.stringify(before.get(state.mentor_id)) !== JSON.stringify(state)
    );
    const ids = changed.map((state) => state.mentor_id);
    // A change of status comes with one of the state, and may be of a mentor that is new, or gone.
    const [mentors, happenings] = await Promise.all([
      ids.length > 0 ? source.readMentors(ids) : [],
      ids.length > 0 || startedAt.getTime() - this.#happenedAt >= HAPPENINGS_MS
        ? source.readHappenings()
        : null,
    ]);
    if (happenings !== null) this.#happenedAt = startedAt.getTime();
    this.#noteNewest(states);
    batch(() => {
      this.warnings.value = warnings;
      if (happenings !== null) this.happenings.value = happenings;
      if (changed.length === 0) return;
      const all = new Map(this.mentors.value);
      for (const id of ids) all.delete(id);
      for (const mentor of mentors) all.set(mentor.id, mentor);
      this.mentors.value = all;
      this.states.value = new Map([
        ...before,
        ...changed.map((state) => [state.mentor_id, state] as const),
      ]);
    });
  }

  /** Shortly after news, the same stretch of time is read again, for what was committed late. */
  #since(startedAt: Date): string | null {
    if (this.#newest === null) return null;
    const isSettled = startedAt.getTime() - this.#newestAt > OVERLAP_MS;
    return isSettled ? this.#newest : earlier(this.#newest, OVERLAP_MS);
  }

  #noteNewest(states: readonly SyncState[]): void {
    const newest = states.reduce<string | null>(
      (newest, { updated_at }) => newest === null || updated_at > newest ? updated_at : newest,
      this.#newest,
    );
    if (newest === this.#newest) return;
    this.#newest = newest;
    this.#newestAt = this.options.now().getTime();
  }
}

function earlier(timestamp: string, milliseconds: number): string {
  const moment = parseTimestamp(timestamp);
  return moment === null ? timestamp : new Date(moment.getTime() - milliseconds).toISOString();
}
