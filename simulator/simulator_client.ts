import type { z } from "zod";
import {
  faultAnswerSchema,
  listingsAnswerSchema,
  type loggedRequestSchema,
  problemsSchema,
  requestsAnswerSchema,
} from "./control_schemas.ts";
import type { FaultRule } from "./fault_rules.ts";
import { mentorIdsOnPage } from "./website.ts";
import type {
  CredentialsChange,
  EnvironmentChange,
  LimitsChange,
  SeedListing,
} from "./simulator_state.ts";

export type { FaultAnswer, FaultRule } from "./fault_rules.ts";
export type { CredentialsChange } from "./simulator_state.ts";

/** A row as it stands in the simulated Dataverse, whatever its columns hold. */
type SimulatedRow = z.infer<typeof listingsAnswerSchema>["listings"][number];
/** A listing as it should be: with a key, and either shown or hidden. */
type SimulatedListing = SimulatedRow & {
  readonly mentorId: string;
  readonly published: boolean;
};
/** A request that the simulator received. */
export type SimulatedRequest = z.infer<typeof loggedRequestSchema>;

const ALL_LIMITS_OFF: LimitsChange = {
  requestsPerWindow: null,
  executionSecondsPerWindow: null,
  maxConcurrent: null,
};

/** The simulator refused a control request, or answered something else than expected. */
export class SimulatorClientError extends Error {
  override readonly name = "SimulatorClientError";

  constructor(
    message: string,
    readonly code: "refused" | "unreadable",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Changes a running simulator's world and looks at it.
 *
 * @example
 * ```ts ignore
 * const simulator = new SimulatorClient("http://127.0.0.1:54390");
 * await simulator.seed([{ mentorId: crypto.randomUUID(), published: true, name: "Kari Prøve" }]);
 * await simulator.addFault({ match: { target: "patch" }, answer: { status: 503 } });
 * ```
 */
export class SimulatorClient {
  readonly url: string;
  readonly #fetch: typeof fetch;

  /** @param url The simulator's address, without a path. */
  constructor(url: string, options: { fetch?: typeof fetch } = {}) {
    this.url = url.replace(/\/$/, "");
    this.#fetch = options.fetch ?? fetch;
  }

  /** Replaces all listings, and refreshes the website. */
  async seed(listings: readonly SeedListing[]): Promise<void> {
    await this.#send("PUT", "listings", { listings });
  }

  /** All listings that are as they should be, in the order they were made. */
  async listings(): Promise<SimulatedListing[]> {
    return (await this.rows()).filter(isProper);
  }

  /** All rows, also those without a key, or with nothing or a choice in the published column. */
  async rows(): Promise<SimulatedRow[]> {
    return (await this.#read("GET", "listings", listingsAnswerSchema)).listings;
  }

  /** Creates or changes a listing past the API, unlogged; a name left out stays. */
  async upsertListing(
    { mentorId, ...listing }: SeedListing & { readonly mentorId: string },
  ): Promise<void> {
    await this.#send("PUT", `listings/${encodeURIComponent(mentorId)}`, listing);
  }

  /** Adds one more listing past the API: without a key, say, or a second one of a key that is not active. */
  async addListing(listing: SeedListing): Promise<void> {
    await this.#send("POST", "listings", listing);
  }

  /** Changes how the environment and its listing table stand; what is left out stays as it is. */
  async setEnvironment(change: EnvironmentChange): Promise<void> {
    await this.#send("PATCH", "environment", change);
  }

  /**
   * Deletes a listing past the API, unlogged.
   *
   * @throws {SimulatorClientError} when there is none.
   */
  async deleteListing(mentorId: string): Promise<void> {
    await this.#send("DELETE", `listings/${encodeURIComponent(mentorId)}`);
  }

  /** Requests received by Entra and Dataverse, oldest first; `since` is a sequence number, excluded. */
  async requests({ since = 0 }: { since?: number } = {}): Promise<SimulatedRequest[]> {
    const found: SimulatedRequest[] = [];
    for (let more = true; more;) {
      const after = found.at(-1)?.sequence ?? since;
      const answer = await this.#read("GET", `requests?since=${after}`, requestsAnswerSchema);
      found.push(...answer.requests);
      more = answer.more;
    }
    return found;
  }

  async clearRequests(): Promise<void> {
    await this.#send("DELETE", "requests");
  }

  /** Puts a fault in force and returns its id. */
  async addFault(rule: FaultRule): Promise<string> {
    return (await this.#read("POST", "faults", faultAnswerSchema, rule)).id;
  }

  /** Takes a fault away; one that is gone already is no error. */
  async removeFault(id: string): Promise<void> {
    await this.#send("DELETE", `faults/${encodeURIComponent(id)}`);
  }

  async clearFaults(): Promise<void> {
    await this.#send("DELETE", "faults");
  }

  /** Changes secret, rights and tokens; what is left out stays as it is. */
  async setCredentials(change: CredentialsChange): Promise<void> {
    await this.#send("PATCH", "credentials", change);
  }

  /**
   * Changes limits and forgets what was counted so far. Null switches a limit off; null in place of
   * all switches all off; what is left out stays.
   */
  async setLimits(change: LimitsChange | null): Promise<void> {
    await this.#send("PUT", "limits", change ?? ALL_LIMITS_OFF);
  }

  /** How long Dataverse takes for each answer. */
  async setLatency({ seconds }: { seconds: number }): Promise<void> {
    await this.#send("PUT", "latency", { seconds });
  }

  /** How far the public page may lag behind the data. */
  async setWebsite({ cacheSeconds }: { cacheSeconds: number }): Promise<void> {
    await this.#send("PUT", "website", { cacheSeconds });
  }

  /** Has the public page rendered anew at the next visit. */
  async refreshWebsite(): Promise<void> {
    await this.#send("POST", "website/refresh");
  }

  /** The ids of the mentors on the public page, as a visitor sees it now. */
  async website(): Promise<string[]> {
    const response = await this.#fetch(`${this.url}/website`);
    return mentorIdsOnPage(await response.text());
  }

  /** Back to the beginning: no listings, faults, log; default credentials, limits, page. */
  async reset(): Promise<void> {
    await this.#send("POST", "reset");
  }

  async #read<T>(method: string, path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> {
    const answer = schema.safeParse(JSON.parse(await this.#send(method, path, body)));
    if (answer.success) return answer.data;
    throw new SimulatorClientError(
      `Cannot read the simulator's answer to ${method} ${path}`,
      "unreadable",
      { cause: answer.error },
    );
  }

  async #send(method: string, path: string, body?: unknown): Promise<string> {
    const response = await this.#fetch(`${this.url}/_simulator/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (response.ok) return text;
    throw new SimulatorClientError(
      `Cannot ${method} ${path}: the simulator answered ${response.status}: ${problemsIn(text)}`,
      "refused",
    );
  }
}

function isProper(row: SimulatedRow): row is SimulatedListing {
  return row.mentorId !== null && typeof row.published === "boolean";
}

function problemsIn(text: string): string {
  try {
    return problemsSchema.parse(JSON.parse(text)).problems.join("; ");
  } catch {
    return "no reason given";
  }
}
