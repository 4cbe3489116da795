import type { z } from "zod";
import type {
  controlListingSchema,
  credentialsSchema,
  environmentSchema,
  limitsSchema,
} from "./control_schemas.ts";
import { DataverseApi } from "./dataverse_api.ts";
import { defaultEnvironment } from "./environment.ts";
import { Exchanger } from "./exchange.ts";
import { FaultRules } from "./fault_rules.ts";
import type { Random } from "./guids.ts";
import { ListingStore } from "./listings.ts";
import { DEFAULT_LIMITS, type LimitSettings, RequestLimits } from "./request_limits.ts";
import { RequestLog } from "./request_log.ts";
import { TokenEndpoint } from "./token_endpoint.ts";
import { Website } from "./website.ts";

/** A listing to seed. */
export type SeedListing = z.infer<typeof controlListingSchema>;
/** A change of the application's credentials and rights. */
export type CredentialsChange = z.infer<typeof credentialsSchema>;
/** A change of the environment. */
export type EnvironmentChange = z.infer<typeof environmentSchema>;
/** A change of the limits. */
export type LimitsChange = z.infer<typeof limitsSchema>;

/** What the state is made with. */
interface WorldOptions {
  readonly now: () => number;
  readonly random: Random;
  readonly sleep: (seconds: number) => Promise<void>;
  readonly websiteCacheSeconds: number;
}

/** Everything that is simulated, in one place. */
export class SimulatorState {
  readonly listings: ListingStore;
  readonly tokens: TokenEndpoint;
  readonly api: DataverseApi;
  readonly limits = new RequestLimits(DEFAULT_LIMITS);
  readonly faults: FaultRules;
  readonly log = new RequestLog();
  readonly website: Website;
  readonly exchanger: Exchanger;
  readonly #options: WorldOptions;
  #limitSettings: LimitSettings = { ...DEFAULT_LIMITS };

  constructor(options: WorldOptions) {
    const { now, random, sleep } = options;
    this.#options = options;
    this.listings = new ListingStore(random);
    this.tokens = new TokenEndpoint(now, random);
    this.api = new DataverseApi(this.listings, this.tokens, random);
    this.faults = new FaultRules(random);
    this.website = new Website(now, () => this.listings.after(0), options.websiteCacheSeconds);
    const { listings, tokens, api, limits, faults, log } = this;
    this.exchanger = new Exchanger({
      now,
      sleep,
      listings,
      tokens,
      api,
      limits,
      faults,
      log,
    });
  }

  /** Replaces all listings; of two for one mentor the last one counts, unless the key is not active. */
  seed(listings: readonly SeedListing[]): void {
    const byMentor = new Map(
      listings.map((row) => [row.mentorId?.toLowerCase() ?? Symbol("no key"), row]),
    );
    const rows = this.listings.isKeyActive ? [...byMentor.values()] : listings;
    this.listings.replaceAll(rows.map(toNewListing));
    this.website.refresh();
  }

  /** Adds a row past the API. */
  addListing(listing: SeedListing): void {
    this.listings.create(toNewListing(listing));
  }

  /** Writes past the API, as somebody who works in Dynamics itself does. */
  upsertListing(mentorId: string, listing: Omit<SeedListing, "mentorId">): void {
    const row = this.listings.byMentorId(mentorId);
    if (row === undefined) this.addListing({ mentorId, ...listing });
    else this.listings.update(row, toNewListing({ mentorId, ...listing }));
  }

  /** Whether there was such a listing. */
  deleteListing(mentorId: string): boolean {
    const row = this.listings.byMentorId(mentorId);
    if (row !== undefined) this.listings.delete(row);
    return row !== undefined;
  }

  setCredentials(change: CredentialsChange): void {
    const { applicationUser, privileged, revokeTokens, clientSecret, secretExpired, appDisabled } =
      change;
    this.tokens.change({
      ...(clientSecret === undefined ? {} : { clientSecret }),
      ...(secretExpired === undefined ? {} : { secretExpired }),
      ...(appDisabled === undefined ? {} : { appDisabled }),
    });
    if (applicationUser !== undefined) this.api.user.exists = applicationUser;
    if (privileged !== undefined) this.api.user.privileged = privileged;
    if (change.userDisabled !== undefined) this.api.user.isDisabled = change.userDisabled;
    if (revokeTokens === true) this.tokens.revokeTokens();
  }

  setEnvironment({ slowFirstCalls, ...change }: EnvironmentChange): void {
    Object.assign(this.api.environment, change);
    this.listings.isKeyActive = this.api.environment.keyStatus === "Active";
    if (slowFirstCalls !== undefined) this.exchanger.slowFirstCalls = { ...slowFirstCalls };
  }

  setLimits(change: LimitsChange): void {
    const current = this.#limitSettings;
    this.#limitSettings = {
      requestsPerWindow: change.requestsPerWindow === undefined
        ? current.requestsPerWindow
        : change.requestsPerWindow,
      windowSeconds: change.windowSeconds ?? current.windowSeconds,
      executionSecondsPerWindow: change.executionSecondsPerWindow === undefined
        ? current.executionSecondsPerWindow
        : change.executionSecondsPerWindow,
      maxConcurrent: change.maxConcurrent === undefined
        ? current.maxConcurrent
        : change.maxConcurrent,
    };
    this.limits.configure(this.#limitSettings);
  }

  /** Back to the beginning. Only tokens given out stay valid, as they would in Entra. */
  reset(): void {
    this.listings.replaceAll([]);
    this.faults.clear();
    this.log.clear();
    this.tokens.restoreDefaults();
    this.api.user.exists = true;
    this.api.user.privileged = true;
    this.api.user.isDisabled = false;
    this.setEnvironment({ ...defaultEnvironment(), slowFirstCalls: { count: 0, seconds: 0 } });
    this.setLimits(DEFAULT_LIMITS);
    this.exchanger.latencySeconds = 0;
    this.website.cacheSeconds = this.#options.websiteCacheSeconds;
    this.website.refresh();
  }
}

function toNewListing({ mentorId, published, access, name }: SeedListing) {
  return {
    mentorId,
    published,
    ...(access !== undefined && { access }),
    ...(name !== undefined && { name }),
  };
}
