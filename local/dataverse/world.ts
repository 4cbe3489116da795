import type { z } from "zod";
import type { controlListingSchema, credentialsSchema, limitsSchema } from "./control_schemas.ts";
import { DataverseApi } from "./dataverse_api.ts";
import { Exchanger } from "./exchange.ts";
import { FaultRules } from "./fault_rules.ts";
import type { Random } from "./guids.ts";
import { type ListingChange, ListingStore } from "./listings.ts";
import { DEFAULT_LIMITS, type LimitSettings, RequestLimits } from "./request_limits.ts";
import { RequestLog } from "./request_log.ts";
import { TokenEndpoint } from "./token_endpoint.ts";
import { Website } from "./website.ts";

/** A listing to seed. */
export type SeedListing = z.infer<typeof controlListingSchema>;
/** A change of the application's credentials and rights. */
export type CredentialsChange = z.infer<typeof credentialsSchema>;
/** A change of the limits. */
export type LimitsChange = z.infer<typeof limitsSchema>;

/** What the world is made with. */
export interface WorldOptions {
  readonly now: () => number;
  readonly random: Random;
  readonly sleep: (seconds: number) => Promise<void>;
  readonly websiteCacheSeconds: number;
}

/** Everything that is simulated, in one place. */
export class World {
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

  /** Replaces all listings; of two for one mentor the last one counts. */
  seed(listings: readonly SeedListing[]): void {
    const byMentor = new Map(listings.map((row) => [row.mentorId.toLowerCase(), row]));
    this.listings.replaceAll(Array.from(byMentor.values(), toNewListing));
    this.website.refresh();
  }

  /** Writes past the API, as somebody who works in Dynamics itself does. */
  upsertListing(
    mentorId: string,
    { published, name }: { published: boolean; name?: string | undefined },
  ): void {
    const change: ListingChange = name === undefined ? { published } : { published, name };
    const row = this.listings.byMentorId(mentorId);
    if (row === undefined) this.listings.create({ mentorId, ...change });
    else this.listings.update(row, change);
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
    if (revokeTokens === true) this.tokens.revokeTokens();
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
    this.setLimits(DEFAULT_LIMITS);
    this.exchanger.latencySeconds = 0;
    this.website.cacheSeconds = this.#options.websiteCacheSeconds;
    this.website.refresh();
  }
}

function toNewListing({ mentorId, published, name }: SeedListing) {
  return { mentorId, published, ...(name === undefined ? {} : { name }) };
}
