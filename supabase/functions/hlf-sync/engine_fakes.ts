import {
  type AuditInsert,
  createAuditLogWriter,
  type InsertAuditRows,
} from "../_shared/audit_log.ts";
import { createDataverseClient } from "../_shared/dataverse/client.ts";
import type { Decision } from "../_shared/dataverse/decide.ts";
import type { TokenOutcome, TokenSource } from "../_shared/dataverse/token.ts";
import { DatabaseError } from "../_shared/errors.ts";
import { fakeFetch, fakeLog, FakeTime, type SentRequest } from "../_shared/fakes.ts";
import { Drain, type DrainDependencies } from "./drain.ts";
import { createGate } from "./gate.ts";
import type {
  ClaimAheadOptions,
  ClaimedAhead,
  ClaimedAttempt,
  ClaimOptions,
  Fate,
  ProjectAnswer,
  Queue,
  SettledRow,
  Settlement,
} from "./queue.ts";
import { createSettler } from "./settler.ts";

interface Row {
  readonly mentorId: string;
  readonly operation: "remove" | "restore";
  dueAt: number | null;
  attempts: number;
  inFlight: string | null;
  lastAttempt: string | null;
}

/** The queue in memory, as far as the engine can tell the difference. */
class FakeQueue implements Queue {
  readonly rows: Row[] = [];
  readonly calls: string[] = [];
  readonly settled: Settlement[] = [];
  readonly settleBatches: number[] = [];
  readonly gateCalls: string[] = [];
  gate: { until: number; reason: NonNullable<Fate["gate_reason"]> } | null = null;
  isAdmitting = true;
  readonly healthNotes: boolean[] = [];
  /** How many attempts other workers have in flight, of 50. */
  ofOthers = 0;
  /** Another worker works off the backlog until then. */
  elsewhereUntil = -Infinity;
  /** What each claim of a drain handed out. */
  readonly claims: number[] = [];
  readonly handedBack: string[] = [];
  /** The lease on the backlog. */
  drainer: string | null = null;
  /** Ids of attempts, by the number of the claim that took them. */
  readonly #claimed = new Map<number, string[]>();
  /** Seconds that a call takes. */
  latency: Partial<Record<keyof Queue, number>> = {};
  /** Calls that fail: so many times from now. */
  faults: Partial<Record<keyof Queue, number>> = {};
  #ids = 0;

  constructor(private readonly time: FakeTime) {}

  add(mentorId: string, more: Partial<Row> = {}): Row {
    const row: Row = {
      mentorId,
      operation: "remove",
      dueAt: this.time.monotonic(),
      attempts: 0,
      inFlight: null,
      lastAttempt: null,
      ...more,
    };
    this.rows.push(row);
    return row;
  }

  async claimOne(mentorId: string, options: ClaimOptions): Promise<ClaimedAttempt | null> {
    await this.#call("claimOne");
    const due = this.#due().filter((row) => row.mentorId === mentorId);
    return this.#take(due.slice(0, 1), options)[0] ?? null;
  }

  async claimAhead(options: ClaimAheadOptions): Promise<ClaimedAhead> {
    await this.#call("claimAhead");
    const now = this.time.monotonic();
    const lost = options.claim.lost.flatMap((number) => this.#claimed.get(number) ?? []);
    for (const row of this.rows) {
      if (row.inFlight !== null && lost.includes(row.inFlight)) this.#undo(row);
    }
    const ready_seconds = 10;
    if (now < this.elsewhereUntil) {
      return {
        ...{ attempts: [], places: 0, has_more: false, is_elsewhere: true, gate_reason: null },
        ready_seconds,
        seconds: (this.elsewhereUntil - now) / 1000,
      };
    }
    const places = Math.max(50 - this.ofOthers, 0);
    const removes = this.#due().filter(({ operation }) => operation === "remove");
    const restores = this.#due().filter(({ operation }) => operation === "restore");
    const own = this.rows.filter(({ inFlight }) => inFlight !== null);
    const room = Math.max((this.ofOthers > 0 ? 1 : 4) * places - own.length, 0);
    const last = own.toSorted((a, b) => String(a.inFlight).localeCompare(String(b.inFlight))).at(
      -1,
    );
    const isAlone = this.drainer === options.worker && last?.operation === "restore" &&
      removes.length > 0;
    const taken = [
      ...removes.slice(0, options.batchSize + options.moreRemoves),
      ...restores.slice(0, isAlone ? 0 : Math.max(options.batchSize - removes.length, 0)),
    ].slice(0, room);
    const attempts = this.#take(places === 0 ? [] : taken, options);
    this.claims.push(attempts.length);
    this.#claimed.set(options.claim.number, attempts.map(({ attemptId }) => attemptId));
    const hasMore = this.#due().length > 0 && this.#gateReason() === null;
    this.drainer = hasMore ? options.worker : null;
    const { seconds, gate_reason } = this.#wait();
    return {
      ...{ attempts, places, has_more: hasMore, is_elsewhere: false, gate_reason, ready_seconds },
      seconds: hasMore && places > 0 ? null : seconds,
    };
  }

  async handBack(worker: string, attemptIds: readonly string[]): Promise<string[]> {
    await this.#call("handBack");
    for (const row of this.rows) {
      if (row.inFlight === null || !attemptIds.includes(row.inFlight)) continue;
      this.handedBack.push(row.mentorId);
      this.#undo(row);
    }
    if (this.drainer === worker) this.drainer = null;
    return [];
  }

  #undo(row: Row): void {
    row.inFlight = null;
    row.dueAt = this.time.monotonic();
    row.attempts--;
  }

  #due(): Row[] {
    if (this.#gateReason() !== null) return [];
    const now = this.time.monotonic();
    return this.rows.filter((row) =>
      row.inFlight === null && row.dueAt !== null && row.dueAt <= now
    );
  }

  #take(rows: readonly Row[], { maxAttempts }: ClaimOptions): ClaimedAttempt[] {
    return rows.map((row) => {
      row.inFlight = `0195a1b2-0000-7000-8000-${String(++this.#ids).padStart(12, "0")}`;
      row.lastAttempt = row.inFlight;
      row.dueAt = null;
      return {
        attemptId: row.inFlight,
        mentorId: row.mentorId,
        organisationId: "6f1c7c1e-8a52-4a7e-9b51-51a1f0a3d002",
        operation: row.operation,
        isLast: row.attempts + 1 >= maxAttempts,
        retryCount: row.attempts++,
        triggeredByEvent: "status_change:paused",
      };
    });
  }

  async settle(settlements: readonly Settlement[]): Promise<ReadonlyMap<string, SettledRow>> {
    await this.#call("settle");
    this.settleBatches.push(settlements.length);
    return new Map<string, SettledRow>(settlements.map((settlement) => {
      const { attemptId: attempt_id, decision } = settlement;
      const row = this.rows.find(({ inFlight }) => inFlight === attempt_id);
      const isGivenUp = decision.isProvisional === true && this.#isLastRefusal(attempt_id);
      const outcome = isGivenUp ? "dead_lettered" : decision.outcome;
      const lost = { attempt_id, result: "lease_lost", outcome, due_in_seconds: null } as const;
      if (row === undefined) return [attempt_id, lost];
      this.settled.push(settlement);
      row.inFlight = null;
      // Who changed meanwhile is due already.
      if (row.dueAt === null && decision.retryDelaySeconds !== null && !isGivenUp) {
        row.dueAt = this.time.monotonic() + decision.retryDelaySeconds * 1000;
      }
      const due_in_seconds = row.dueAt === null
        ? null
        : Math.max(row.dueAt - this.time.monotonic(), 0) / 1000;
      return [attempt_id, { attempt_id, result: "settled", outcome, due_in_seconds }];
    }));
  }

  /** Mentors whose next refusal is the last of their short series. */
  readonly lastRefusals = new Set<string>();

  #isLastRefusal(attemptId: string): boolean {
    const row = this.rows.find(({ lastAttempt }) => lastAttempt === attemptId);
    return row !== undefined && this.lastRefusals.has(row.mentorId);
  }

  confirmProject(): Promise<ProjectAnswer> {
    return Promise.resolve("confirmed");
  }

  #wait(): Pick<ClaimedAhead, "seconds" | "gate_reason"> {
    const due = this.rows.filter((row) => row.inFlight === null).flatMap((row) => row.dueAt ?? []);
    if (due.length === 0) return { seconds: null, gate_reason: null };
    const gateReason = this.#gateReason();
    const at = Math.max(Math.min(...due), gateReason === null ? 0 : this.gate?.until ?? 0);
    const isEndless = gateReason === "credentials" || gateReason === "settings";
    const seconds = isEndless ? null : (at - this.time.monotonic()) / 1000;
    return { seconds: seconds === null ? null : Math.max(seconds, 0), gate_reason: gateReason };
  }

  async closeGate(reason: "throttled" | "credentials", seconds?: number): Promise<void> {
    await this.#call("closeGate");
    this.gateCalls.push(seconds === undefined ? `close ${reason}` : `close ${reason} ${seconds}`);
    const until = seconds === undefined ? Infinity : this.time.monotonic() + seconds * 1000;
    if (until > (this.gate?.until ?? 0)) this.gate = { until, reason };
  }

  async openGate(reason: "credentials" | "settings"): Promise<void> {
    await this.#call("openGate");
    this.gateCalls.push(`open ${reason}`);
    if (this.gate?.reason === reason) this.gate = null;
  }

  async admitRequest(): Promise<boolean> {
    await this.#call("admitRequest");
    return this.isAdmitting;
  }

  async noteHealth(isWell: boolean): Promise<void> {
    await this.#call("noteHealth");
    this.healthNotes.push(isWell);
  }

  fates: (Fate | null)[] = [];

  async follow(): Promise<Fate | null> {
    await this.#call("follow");
    return (this.fates.length > 1 ? this.fates.shift() : this.fates[0]) ?? null;
  }

  #gateReason(): Fate["gate_reason"] {
    return this.gate !== null && this.gate.until > this.time.monotonic() ? this.gate.reason : null;
  }

  async #call(name: keyof Queue): Promise<void> {
    this.calls.push(name);
    await this.time.sleep(this.latency[name] ?? 0.005);
    const left = this.faults[name] ?? 0;
    if (left > 0) {
      this.faults[name] = left - 1;
      throw new DatabaseError(name, "network", 0);
    }
  }
}

/** Names of so many mentors. */
export const ids = (count: number) => Array.from({ length: count }, (_, i) => `mentor-${i + 1}`);

/** Restores, as a backlog that removes overtake. */
export function addRestores(queue: FakeQueue, count: number): void {
  ids(count).forEach((id) => queue.add(id, { operation: "restore" }));
}

/** What follows from a 204. */
export const SUCCESS: Decision = {
  outcome: "success",
  errorMessage: null,
  responseCode: 204,
  retryDelaySeconds: null,
  gate: { kind: "none" },
};

/** An answer of Dynamics without a body. */
export const status = (code: number, headers: Record<string, string> = {}) =>
  new Response("", { status: code, headers });

export interface EngineOptions {
  /** What Dynamics answers to a PATCH; by default 204. */
  readonly patch?: (request: SentRequest, count: number) => Response | Promise<Response>;
  /** How long it takes, in seconds. */
  readonly latency?: number;
  readonly whoAmI?: () => Response;
  readonly tokens?: TokenSource;
  readonly insert?: InsertAuditRows;
  readonly settings?: Partial<DrainDependencies["settings"]>;
  readonly timeBudget?: () => number;
  readonly mostClaims?: number;
}

/** The engine with fakes at its edges: time, the queue, and what fetch reaches. */
export function createEngine(options: EngineOptions = {}) {
  const time = new FakeTime();
  const queue = new FakeQueue(time);
  const { log, entries } = fakeLog();
  const audited: AuditInsert[] = [];
  const inFlight = { now: 0, most: 0 };
  let patches = 0;
  const { fetch, sent } = fakeFetch(async (request) => {
    if (request.url.endsWith("/WhoAmI")) {
      return options.whoAmI?.() ?? Response.json({ UserId: "x" });
    }
    inFlight.most = Math.max(inFlight.most, ++inFlight.now);
    try {
      await time.sleep(options.latency ?? 0.1);
      return await options.patch?.(request, ++patches) ?? new Response(null, { status: 204 });
    } finally {
      inFlight.now--;
    }
  });
  const tokens = options.tokens ?? fakeTokens({ kind: "token", token: "t" });
  const settings = {
    backoffSeconds: [5, 30, 120],
    jitter: 0.2,
    maxAttempts: 4,
    requestTimeoutSeconds: 10,
    concurrency: 50,
    leaseSeconds: 60,
    timeBudgetSeconds: 110,
    ...options.settings,
  };
  const dataverse = createDataverseClient({
    url: "https://org.example",
    listing: { set: "hlf_mentorlistings", key: "hlf_mentorid", published: "hlf_published" },
    timeoutSeconds: settings.requestTimeoutSeconds,
  }, { fetch, clock: time, tokens });
  const audit = createAuditLogWriter(
    options.insert ?? ((rows) => {
      audited.push(...rows);
      return Promise.resolve({ data: null, error: null, status: 201 });
    }),
    // Its pauses are its own tests' affair.
    { log, sleep: () => Promise.resolve() },
  );
  const deps: DrainDependencies = {
    ...{ queue, dataverse, tokens, audit, log, settings },
    gate: createGate({ queue, dataverse, tokens, clock: time, log, settings }),
    settler: createSettler({ queue, sleep: time.sleep, log }),
    clock: time,
    sleep: time.sleep,
    random: () => 0.5,
    timeBudget: options.timeBudget ?? (() => settings.timeBudgetSeconds),
    mostClaims: options.mostClaims ?? Infinity,
  };
  const problems = () => entries.filter(({ level }) => level !== "info");
  const drain = new Drain(deps);
  return { time, queue, sent, audited, inFlight, entries, problems, drain, deps };
}

/** A token source that gives one outcome after the other, the last one for ever. */
export function fakeTokens(...outcomes: TokenOutcome[]): TokenSource & { renewals: number } {
  const next = () => (outcomes.length > 1 ? outcomes.shift() : outcomes[0]) as TokenOutcome;
  const source = {
    renewals: 0,
    get: () => Promise.resolve(next()),
    renew: () => {
      source.renewals++;
      return Promise.resolve(next());
    },
  };
  return source;
}

/** The mentor that a request is about. */
export function mentorOf({ url }: SentRequest): string {
  return /'([^']+)'/.exec(decodeURIComponent(url))?.[1] ?? "";
}
