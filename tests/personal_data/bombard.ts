/**
 * The function's own code, in a process of its own whose output is read, with a real database and everybody else hostile.
 * Prints nothing itself; what it did it writes into a file. Arguments: a file with the settings, a file for the result.
 *
 * @module
 */
import postgres from "postgres";
import { createEngine } from "../../supabase/functions/hlf-sync/engine.ts";
import { createWorker, systemPlatform } from "../../supabase/functions/hlf-sync/worker.ts";
import type { Clock, Sleep } from "../../supabase/functions/_shared/clock.ts";
import { readSettings } from "../../supabase/functions/_shared/settings.ts";
import { DEFAULT_CLIENT_ID, DEFAULT_TENANT_ID } from "../../simulator/defaults.ts";
import {
  hostileAnswer,
  hostileFault,
  hostilePage,
  hostileRestError,
  hostileToken,
} from "./hostile_answers.ts";
import { hostileRequest } from "./hostile_requests.ts";
import { inventPeople, type Person, pick, seededRandom } from "./people.ts";

/** What the process is told. */
export interface BombardSettings {
  readonly apiUrl: string;
  readonly databaseUrl: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly jwtSecret: string;
  readonly seed: number;
  /** How many of each kind. */
  readonly cases: Readonly<Record<"dynamics" | "entra" | "listings" | "requests" | "rest", number>>;
}

/** What the process has done. */
export interface BombardResult {
  readonly cases: Readonly<Record<string, number>>;
  readonly people: readonly Person[];
  /** Everything the function answered its callers. */
  readonly answers: readonly string[];
}

const DYNAMICS = "https://dynamics.example";
const ENTRA = "https://entra.example";
const EVERYBODY = 1000;
/** Enough where something else than the attempts is hostile. */
const A_FEW = 5;
const WHO_AM_I = { UserId: "0f8fad5b-d9cb-469f-a165-70867728950e" };

if (import.meta.main) {
  const [settingsPath = "", resultPath = ""] = Deno.args;
  const settings: BombardSettings = JSON.parse(await Deno.readTextFile(settingsPath));
  await Deno.writeTextFile(resultPath, JSON.stringify(await bombard(settings)));
}

async function bombard(settings: BombardSettings): Promise<BombardResult> {
  const random = seededRandom(settings.seed);
  const people: Person[] = [];
  const inventor = inventPeople(random);
  const next = () => {
    const person = inventor.next().value;
    people.push(person);
    return person;
  };
  const done = { dynamics: 0, entra: 0, listings: 0, requests: 0, rest: 0 };
  const answers: string[] = [];
  const background: Promise<unknown>[] = [];
  Reflect.set(globalThis, "EdgeRuntime", {
    waitUntil: (work: Promise<unknown>) => background.push(work),
  });

  // What is hostile at the moment; everything else answers as it should.
  let hostile: keyof typeof done | null = null;
  const answerDynamics = (request: Request): Response => {
    if (request.url.endsWith("/WhoAmI")) {
      return hostile === "dynamics" ? hostileAnswer(random, next) : Response.json(WHO_AM_I);
    }
    if (hostile === "dynamics") {
      done.dynamics++;
      if (random(12) === 0) throw hostileFault(random, next);
      return hostileAnswer(random, next);
    }
    if (request.method === "PATCH") return new Response(null, { status: 204 });
    if (hostile !== "listings") return Response.json({ value: [] });
    done.listings++;
    return hostilePage(random, next, request.url);
  };
  const fetchAnything = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    if (request.url.startsWith(DYNAMICS)) return answerDynamics(request);
    if (request.url.startsWith(ENTRA)) {
      if (hostile !== "entra") return Response.json({ access_token: "token", expires_in: 3600 });
      done.entra++;
      if (random(12) === 0) throw hostileFault(random, next);
      return hostileToken(random, next);
    }
    if (hostile === "rest" && random(2) === 0) {
      done.rest++;
      if (random(12) === 0) throw hostileFault(random, next);
      return hostileRestError(random, next);
    }
    return await fetch(request);
  };

  const functionSettings = readSettings({
    SUPABASE_URL: settings.apiUrl,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: settings.secretKey }),
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: settings.publishableKey }),
    DYNAMICS_URL: DYNAMICS,
    DYNAMICS_TENANT_ID: DEFAULT_TENANT_ID,
    DYNAMICS_CLIENT_ID: DEFAULT_CLIENT_ID,
    DYNAMICS_CLIENT_SECRET: "not a secret",
    DYNAMICS_AUTHORITY_HOST: ENTRA,
    HLF_SYNC_BACKOFF_SECONDS: "0,0,0,0,0,0,0",
    HLF_SYNC_TIME_BUDGET_SECONDS: "2",
  });
  const platform = systemPlatform(false);
  // Whoever is asked to wait takes the time for over, and so does the clock.
  let skipped = 0;
  const clock: Clock = {
    epoch: () => platform.clock.epoch() + skipped,
    monotonic: () => platform.clock.monotonic() + skipped,
  };
  const sleep: Sleep = async (seconds, signal) => {
    const startedAt = clock.monotonic();
    await platform.sleep(Math.min(seconds, 0.02), signal);
    if (!signal?.aborted) skipped += Math.max(startedAt + seconds * 1000 - clock.monotonic(), 0);
  };
  const newWorker = () =>
    createWorker(
      functionSettings,
      { ...platform, fetch: fetchAnything, clock, sleep },
      () => Promise.resolve({ createEngine }),
    );
  const finish = async (response: Response) => {
    answers.push(await response.text());
    while (background.length > 0) await Promise.all(background.splice(0));
  };
  const trigger = async (worker: ReturnType<typeof newWorker>, body: unknown) => {
    const headers = { "content-type": "application/json", apikey: settings.secretKey };
    await finish(
      await worker(
        new Request("http://127.0.0.1/hlf-sync", {
          method: "POST",
          headers,
          body: JSON.stringify(body),
        }),
      ),
    );
  };

  const sql = postgres(settings.databaseUrl, { max: 1, onnotice: () => {} });
  /** Makes some mentors due, whatever came of the attempts before, and opens the gate. */
  const startOver = async (mentors: number) => {
    await sql.unsafe(`update public.hlf_sync_gate
      set closed_until = '-infinity', reason = null, closed_at = null, max_requests = 1000000`);
    await sql`
      update public.hlf_sync_state set due_at = clock_timestamp(), attempts = 0, dead_lettered_at = null
      where mentor_id in (
        select mentor_id from public.hlf_sync_state where in_flight_attempt_id is null order by updated_at limit ${mentors}
      )`;
  };

  hostile = "dynamics";
  let worker = newWorker();
  while (done.dynamics < settings.cases.dynamics) {
    await startOver(EVERYBODY);
    await trigger(worker, { type: "sweep" });
  }
  hostile = "entra";
  while (done.entra < settings.cases.entra) {
    // A new one, as the last may have got a token.
    worker = newWorker();
    await startOver(A_FEW);
    await trigger(
      worker,
      pick(random, [{ type: "health" }, { type: "sweep" }, { type: "nightly" }]),
    );
  }
  hostile = "listings";
  worker = newWorker();
  while (done.listings < settings.cases.listings) {
    // A page may have asked everybody to wait for an hour.
    await startOver(0);
    await sql.unsafe("delete from public.hlf_sync_drifts");
    await sql.unsafe("delete from public.hlf_nightly_runs");
    await trigger(worker, { type: "nightly" });
  }
  hostile = "rest";
  while (done.rest < settings.cases.rest) {
    worker = newWorker();
    await startOver(A_FEW);
    await trigger(worker, pick(random, [{ type: "sweep" }, { type: "nightly" }]));
    await finish(await worker(await hostileRequest(random, next, settings)));
  }
  hostile = null;
  worker = newWorker();
  for (; done.requests < settings.cases.requests; done.requests++) {
    await finish(await worker(await hostileRequest(random, next, settings)));
  }
  await sql.end({ timeout: 5 });
  return { cases: done, people, answers };
}
