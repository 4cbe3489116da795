import { batch, computed, signal } from "@preact/signals";
import { forceSync, previewRequeue, requeue } from "../api/actions.ts";
import { ApiError } from "../api/answer.ts";
import { arrive } from "../api/arrival.ts";
import type { Client } from "../api/client.ts";
import { likelyOrganisation } from "../api/head_start.ts";
import { type News, readNews } from "../api/news.ts";
import {
  needsSecondFactor,
  readOrganisations,
  type SignInProblem,
  signOut,
  type User,
  watchUser,
} from "../api/session.ts";
import type { Settings } from "../model/config.ts";
import { type Outlook, outlookOf } from "../model/outlook.ts";
import { organisationIn } from "../model/address.ts";
import { linksOf, readRoute, withOrganisation } from "../model/route.ts";
import type { Organisation } from "../model/rows.ts";
import { type Language, wordsOf } from "../words/words.ts";
import { ForceSyncs } from "./force_syncs.ts";
import { Live, type LiveOptions } from "./live.ts";
import type { Preferences } from "./preferences.ts";
import { RequeueRun } from "./requeue_run.ts";

/** What the page needs of the browser. */
export interface Device extends Pick<LiveOptions, "now" | "sleep" | "isVisible"> {
  /** Changes the address without a new entry in the browser's history. */
  readonly replaceHash: (hash: string) => void;
}

/** How often it is looked whether the user has become a coordinator of further organisations. */
const ORGANISATIONS_MS = 600_000;
/** The same while there is none, which is when somebody waits for it. */
const NO_ORGANISATION_MS = 60_000;
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
  /** What a link has not brought. */
  readonly arrivalProblem = signal<SignInProblem | null>(null);
  /** What is asked of whoever is signed in before anything is shown. */
  readonly demand = signal<"second_factor" | "new_password" | null>(null);
  /** Null until they are known. */
  readonly organisations = signal<readonly Organisation[] | null>(null);
  readonly hasContact = signal(true);
  readonly workplace = signal<Workplace | null>(null);
  readonly hash = signal("");
  /** Grows with each step in the browser's history. */
  readonly step = signal(0);
  readonly route = computed(() => readRoute(this.hash.value));
  readonly links = computed(() => linksOf(this.workplace.value?.organisation.id ?? null));
  readonly requeueRun = signal<RequeueRun | null>(null);
  /** Null until the mentors were read. */
  readonly outlook = computed<Outlook | null>(() => {
    const workplace = this.workplace.value;
    if (workplace === null || workplace.live.states.value === null) return null;
    const { live, organisation } = workplace;
    const now = live.readAt.value ?? this.device.now();
    const { websiteLagMinutes } = this.settings;
    const sending = { gate: live.gate.value, alerts: live.alerts.value };
    return outlookOf(live.listed.value, sending, organisation, now, websiteLagMinutes);
  });
  #watching = new AbortController();
  #isSigningOut = false;
  /** Asked for together with the organisations: on a slow line it is the wait for answers that takes long. */
  #ahead: { readonly organisationId: string; readonly news: Promise<News> } | null = null;

  constructor(
    readonly client: Client,
    readonly settings: Settings,
    readonly device: Device,
    private readonly preferences: Preferences,
  ) {
    this.language.value = preferences.language;
  }

  /** @param given what a link has put into the address; null for nothing */
  async start(given: URLSearchParams | null): Promise<void> {
    const hadSession = this.client.hasStoredSession();
    if (given !== null) {
      const { mustChoosePassword, problem } = await arrive(this.client, given);
      this.arrivalProblem.value = problem;
      if (mustChoosePassword) this.demand.value = "new_password";
    }
    watchUser(this.client, (user) => this.#meet(user, hadSession));
  }

  #meet(user: User | null | undefined, hadSession: boolean): void {
    const before = this.user.peek();
    if (user === undefined) {
      // Who it is stays known, or is not known yet: without contact no session can be renewed.
      if (before === undefined) this.hasContact.value = false;
      return;
    }
    if (user?.id === before?.id && before !== undefined) return;
    this.#leave();
    batch(() => {
      this.user.value = user;
      this.hasLostSession.value = user === null && !this.#isSigningOut &&
        (hadSession || before !== undefined);
      if (user === null) this.demand.value = null;
      else this.arrivalProblem.value = null;
    });
    if (user !== null) void this.#watchOrganisations(this.#watching.signal);
  }

  setLanguage(language: Language): void {
    this.preferences.language = language;
    this.language.value = language;
  }

  async signOut(): Promise<void> {
    this.#isSigningOut = true;
    try {
      await signOut(this.client);
      this.#leave();
      this.user.value = null;
    } finally {
      this.#isSigningOut = false;
    }
  }

  /** What was asked for has been given. */
  satisfy(): void {
    const before = this.demand.value;
    this.demand.value = null;
    if (before === "second_factor") void this.#readOrganisations(this.#watching.signal);
  }

  /** Follows an address, one step on or back in the browser's history. */
  go(hash: string): void {
    batch(() => {
      this.step.value++;
      this.#show(hash);
    });
  }

  #show(hash: string): void {
    this.hash.value = hash;
    const wanted = this.organisations.peek()?.find(({ id }) => id === organisationIn(hash));
    if (wanted !== undefined) this.#enter(wanted);
  }

  /** Goes to an address, in place of the one that was. */
  replace(hash: string): void {
    this.device.replaceHash(hash);
    this.#show(hash);
  }

  chooseOrganisation(id: string): void {
    this.replace(withOrganisation(this.hash.value, id));
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
    if (this.demand.value === null && await needsSecondFactor(this.client)) {
      this.demand.value = "second_factor";
    }
    if (this.demand.value !== "second_factor") this.#readAhead();
    while (!signal.aborted) {
      if (
        this.demand.value !== "second_factor" &&
        (this.device.isVisible() || this.organisations.value === null)
      ) {
        await this.#readOrganisations(signal);
      }
      const count = this.organisations.value?.length;
      const pause = count === undefined
        ? RETRY_MS
        : count === 0
        ? NO_ORGANISATION_MS
        : ORGANISATIONS_MS;
      await this.device.sleep(pause, signal);
    }
  }

  #readAhead(): void {
    const organisationId = likelyOrganisation(this.hash.value, this.preferences.organisationId);
    if (organisationId === null) return;
    const news = readNews(this.client, organisationId, null);
    // Whether it failed is told when it is waited for.
    news.catch(() => {});
    this.#ahead = { organisationId, news };
  }

  async #readOrganisations(signal: AbortSignal): Promise<void> {
    try {
      const organisations = await readOrganisations(this.client);
      if (signal.aborted) return;
      this.hasContact.value = true;
      this.organisations.value = organisations;
      const wanted = [
        organisationIn(this.hash.value),
        this.workplace.value?.organisation.id,
        this.preferences.organisationId,
      ];
      const chosen = wanted.flatMap((id) => organisations.find((known) => known.id === id) ?? [])
        .at(0) ?? organisations[0];
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
        before.organisation.is_enabled === organisation.is_enabled;
      if (!isSame) this.workplace.value = { ...before, organisation };
      return;
    }
    this.#close();
    const { client, device } = this;
    const { id } = organisation;
    this.preferences.organisationId = id;
    let ahead = this.#ahead?.organisationId === id ? this.#ahead.news : null;
    this.#ahead = null;
    const live: Live = new Live({
      ...device,
      readNews: (since) => {
        const news = ahead ?? readNews(client, id, since);
        ahead = null;
        return news;
      },
      onSignedOut: () => this.#loseSession(),
      onOrganisation: (now) => {
        // Whoever no longer coordinates it looks for what else there is.
        if (now === null) void this.#readOrganisations(this.#watching.signal);
        else if (this.workplace.value?.live === live) this.#enter(now);
      },
      lagMinutes: this.settings.websiteLagMinutes,
    });
    const forceSyncs = new ForceSyncs(
      (mentorId) => forceSync(client, mentorId),
      () => live.refresh(),
      live.states,
    );
    this.workplace.value = { organisation, live, forceSyncs };
    void live.run();
  }

  #close(): void {
    this.workplace.value?.live.stop();
    batch(() => {
      this.workplace.value = null;
      this.requeueRun.value = null;
    });
  }

  #leave(): void {
    this.#ahead = null;
    this.#watching.abort();
    this.#watching = new AbortController();
    this.#close();
    this.organisations.value = null;
  }

  #loseSession(): void {
    if (this.user.value === null) return;
    // Auth forgets the session; that nobody asked for it is told.
    void signOut(this.client).then(() => this.#meet(null, true));
  }
}
