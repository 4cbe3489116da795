import { batch, computed, signal } from "@preact/signals";
import { ApiError } from "../api/answer.ts";
import type { News } from "../api/news.ts";
import { Names } from "../model/names.ts";
import { fadesUntil } from "../model/outlook.ts";
import type { Mentor, SyncState } from "../model/rows.ts";
import { listMentors } from "../model/standing.ts";

export interface LiveOptions {
  /** What is read again and again for one organisation: all of it, or what is new. */
  readonly readNews: (since: string | null) => Promise<News>;
  readonly now: () => Date;
  /** Ends early, without an error, when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Nothing is asked while nobody looks. */
  readonly isVisible: () => boolean;
  readonly onSignedOut: () => void;
  readonly onOrganisation: (organisation: News["organisation"]) => void;
  /** How long the public page may lag behind what is confirmed. */
  readonly lagMinutes: number;
}

/** A change in the database is to show within five seconds, for half a request a second at most. */
const POLL_MS = 3000;
/** How often all is read anew, for what changes without a trace in the states: a name, a date. */
const RELOAD_MS = 600_000;

/** The mentors of one organisation, kept up to date. */
export class Live {
  readonly states = signal<ReadonlyMap<string, SyncState> | null>(null);
  /** Null until all were read once. */
  readonly mentors = signal<ReadonlyMap<string, Mentor> | null>(null);
  /** Null for what was not read, or may not be. */
  readonly gate = signal<News["gate"]>(null);
  readonly alerts = signal<News["alerts"]>(null);
  readonly nights = signal<News["nights"]>(null);
  readonly notifications = signal<News["notifications"]>(null);
  /** When the database last answered; null before it first did. */
  readonly readAt = signal<Date | null>(null);
  /** `refused`: it answers, but not with what is asked for. */
  readonly contact = signal<"ok" | "unreachable" | "refused">("ok");
  /** Grows when there may be new rows in the log. */
  readonly logVersion = signal(0);
  readonly #namesReadAt = signal<Date | null>(null);
  readonly names = computed(() =>
    new Names(this.mentors.value, this.states.value, this.#namesReadAt.value)
  );
  readonly #all = computed(() => listMentors(this.states.value?.values() ?? [], this.names.value));
  /** Without those whom the app has deleted, once the website shows none of them any more. */
  readonly listed = computed(() => {
    const now = this.readAt.value ?? this.options.now();
    return this.#all.value.filter(({ known, standing, state }) =>
      known !== "deleted" || standing !== "in_sync" ||
      fadesUntil(state, now, this.options.lagMinutes) !== null
    );
  });

  #since: string | null = null;
  #reloadedAt = -Infinity;
  #newestAttempt: string | null = null;
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

  /** Reads what is new, after whatever is being read already. Never fails: `contact` tells. */
  async refresh(): Promise<void> {
    while (this.#reading !== null) await this.#reading;
    this.#reading = this.#read().finally(() => this.#reading = null);
    await this.#reading;
  }

  async #read(): Promise<void> {
    const startedAt = this.options.now();
    const isWhole = this.#since === null || startedAt.getTime() - this.#reloadedAt >= RELOAD_MS;
    try {
      const news = await this.options.readNews(isWhole ? null : this.#since);
      if (this.#stopping.signal.aborted) return;
      batch(() => {
        this.#take(news, isWhole, startedAt);
        this.readAt.value = startedAt;
        this.contact.value = "ok";
      });
      this.options.onOrganisation(news.organisation);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const code = error instanceof ApiError ? error.code : "refused";
      if (code === "signed_out") this.options.onSignedOut();
      else this.contact.value = code;
    }
  }

  #take(news: News, isWhole: boolean, startedAt: Date): void {
    const before = isWhole ? new Map<string, SyncState>() : this.states.value ?? new Map();
    // The last half minute comes again each time, for what was committed late.
    const changed = news.states.filter((state) =>
      JSON.stringify(before.get(state.mentor_id)) !== JSON.stringify(state)
    );
    if (isWhole || changed.length > 0) {
      const states = new Map([
        ...before,
        ...changed.map((state) => [state.mentor_id, state] as const),
      ]);
      this.states.value = states;
      this.#takeNames(news, isWhole, changed, startedAt);
    }
    // Rows have gone elsewhere, which leaves no trace in those that are left.
    const isComplete = this.states.value?.size === news.state_count;
    this.#since = isComplete ? news.read_at : null;
    if (isWhole) this.#reloadedAt = startedAt.getTime();
    this.gate.value = same(this.gate.value, news.gate);
    this.alerts.value = same(this.alerts.value, news.alerts);
    this.nights.value = same(this.nights.value, news.nights);
    this.notifications.value = same(this.notifications.value, news.notifications);
    if (changed.length > 0 || news.newest_attempt !== this.#newestAttempt) this.logVersion.value++;
    this.#newestAttempt = news.newest_attempt;
  }

  #takeNames(
    { mentors: read }: News,
    isWhole: boolean,
    changed: readonly SyncState[],
    startedAt: Date,
  ): void {
    if (read === null || (!isWhole && this.mentors.value === null)) return;
    // A change of status comes with one of the state, and may be of a mentor that is new, or gone.
    const mentors = new Map(isWhole ? [] : this.mentors.value);
    for (const { mentor_id } of changed) mentors.delete(mentor_id);
    for (const mentor of read) mentors.set(mentor.id, mentor);
    this.mentors.value = mentors;
    if (isWhole) this.#namesReadAt.value = startedAt;
  }
}

/** What was there before, where it says the same, so that nothing is drawn anew for nothing. */
function same<T>(before: T, after: T): T {
  return JSON.stringify(before) === JSON.stringify(after) ? before : after;
}
