import { batch, computed, signal } from "@preact/signals";
import { forceSync, previewRequeue, requeue } from "../api/actions.ts";
import { ApiError } from "../api/answer.ts";
import type { Client } from "../api/client.ts";
import { readMentors, readStates } from "../api/mentors.ts";
import { readOrganisations, signOut, type User, watchUser } from "../api/session.ts";
import { readHappenings, readWarnings } from "../api/surroundings.ts";
import { readRoute } from "../route.ts";
import type { Organisation } from "../rows.ts";
import { type Language, wordsOf } from "../words/words.ts";
import { ForceSyncs } from "./force_syncs.ts";
import { Live, type LiveOptions } from "./live.ts";
import type { Preferences } from "./preferences.ts";
import { RequeueRun } from "./requeue_run.ts";

/** What the page needs of the browser. */
export type Device = Pick<LiveOptions, "now" | "sleep" | "isVisible">;

const NOTIFICATION_DAYS = 14;
/** How often it is looked whether the user still coordinates the same organisations. */
const ORGANISATIONS_MS = 60_000;
const RETRY_MS = 3000;

/** All that is shown for one organisation. */
export interface Workplace {
  readonly organisation: Organisation;
  readonly live: Live;
  readonly forceSyncs: ForceSyncs;
}

/** The state of the page, of which the views are a picture. */
export class App {
  readonly language = signal<Language>("nb");
  readonly words = computed(() => wordsOf(this.language.value));
  /** Undefined until it is known. */
  readonly user = signal<User | null | undefined>(undefined);
  readonly hasLostSession = signal(false);
  /** Null until they are known. */
  readonly organisations = signal<readonly Organisation[] | null>(null);
  readonly hasContact = signal(true);
  readonly workplace = signal<Workplace | null>(null);
  readonly hash = signal("");
  readonly route = computed(() => readRoute(this.hash.value));
  readonly requeueRun = signal<RequeueRun | null>(null);
  #watching = new AbortController();

  constructor(
    readonly client: Client,
    readonly device: Device,
    private readonly preferences: Preferences,
  ) {
    this.language.value = preferences.language;
  }

  start(): void {
    watchUser(this.client, (user) => {
      if (user?.id === this.user.peek()?.id && this.user.peek() !== undefined) return;
      this.#leave();
      batch(() => {
        this.user.value = user;
        if (user !== null) this.hasLostSession.value = false;
      });
      if (user !== null) void this.#watchOrganisations(this.#watching.signal);
    });
  }

  setLanguage(language: Language): void {
    this.preferences.language = language;
    this.language.value = language;
  }

  async signOut(): Promise<void> {
    await signOut(this.client);
    this.#leave();
    this.user.value = null;
  }

  chooseOrganisation(id: string): void {
    this.preferences.organisationId = id;
    const organisation = this.organisations.value?.find((known) => known.id === id);
    if (organisation !== undefined) this.#enter(organisation);
  }

  /** Opens the preview of sending dead letters again. */
  previewRequeue(mentorIds: readonly string[]): void {
    const workplace = this.workplace.value;
    if (workplace === null) return;
    const { live, organisation: { id } } = workplace;
    const run = new RequeueRun({
      states: live.states,
      refresh: () => live.refresh(),
      preview: (ids) => previewRequeue(this.client, id, ids),
      requeue: (ids) => requeue(this.client, id, ids),
    }, mentorIds);
    this.requeueRun.value = run;
    void run.look();
  }

  async #watchOrganisations(signal: AbortSignal): Promise<void> {
    // Auth forbids to ask anything of it while it is telling who is signed in.
    await this.device.sleep(0, signal);
    while (!signal.aborted) {
      if (this.device.isVisible() || this.organisations.value === null) {
        await this.#readOrganisations(signal);
      }
      const pause = this.organisations.value === null ? RETRY_MS : ORGANISATIONS_MS;
      await this.device.sleep(pause, signal);
    }
  }

  async #readOrganisations(signal: AbortSignal): Promise<void> {
    try {
      const organisations = await readOrganisations(this.client);
      if (signal.aborted) return;
      this.hasContact.value = true;
      this.organisations.value = organisations;
      const wanted = this.workplace.value?.organisation.id ?? this.preferences.organisationId;
      const chosen = organisations.find(({ id }) => id === wanted) ?? organisations[0];
      if (chosen === undefined) this.#close();
      else this.#enter(chosen);
    } catch (error) {
      if (signal.aborted) return;
      this.hasContact.value = false;
      if (error instanceof ApiError && error.code === "signed_out") this.#loseSession();
    }
  }

  #enter(organisation: Organisation): void {
    const before = this.workplace.value;
    if (before?.organisation.id === organisation.id) {
      const isSame = before.organisation.name === organisation.name &&
        before.organisation.hlf_sync_enabled === organisation.hlf_sync_enabled;
      if (!isSame) this.workplace.value = { ...before, organisation };
      return;
    }
    this.#close();
    const { client, device } = this;
    const { id } = organisation;
    const live = new Live({
      ...device,
      source: {
        readStates: (since) => readStates(client, id, since),
        readMentors: (ids) => readMentors(client, id, ids),
        readWarnings: () => readWarnings(client),
        readHappenings: () => readHappenings(client, id, this.#daysAgo(NOTIFICATION_DAYS)),
      },
      onSignedOut: () => this.#loseSession(),
    });
    const forceSyncs = new ForceSyncs(
      (mentorId) => forceSync(client, mentorId),
      () => live.refresh(),
    );
    this.workplace.value = { organisation, live, forceSyncs };
    void live.run();
  }

  #daysAgo(days: number): string {
    return new Date(this.device.now().getTime() - days * 86_400_000).toISOString();
  }

  #close(): void {
    this.workplace.value?.live.stop();
    batch(() => {
      this.workplace.value = null;
      this.requeueRun.value = null;
    });
  }

  #leave(): void {
    this.#watching.abort();
    this.#watching = new AbortController();
    this.#close();
    this.organisations.value = null;
  }

  #loseSession(): void {
    if (this.user.value === null) return;
    this.hasLostSession.value = true;
    void this.signOut();
  }
}
