/**
 * The function, made of its own parts, but with another way to the database: to see what the audit insert costs
 * (`BENCH_AUDIT`) and what REST does (`BENCH_DATABASE_URL` without it, `BENCH_POSTGREST_URL` the real one). It says when it sends a request to Dynamics.
 *
 * @module
 */
import { readSettings } from "../../supabase/functions/_shared/settings.ts";
import { createWorker, systemPlatform } from "../../supabase/functions/hlf-sync/worker.ts";
import { auditedHow, isAuditMode } from "./audit_mode.ts";
import { directly } from "./direct_rest.ts";
import { viaPostgrest } from "./postgrest_rest.ts";

const settings = readSettings(Deno.env.toObject());
const platform = systemPlatform(false);
const databaseUrl = Deno.env.get("BENCH_DATABASE_URL");
const mode = Deno.env.get("BENCH_AUDIT") ?? "beside";
if (!isAuditMode(mode)) throw new RangeError(`BENCH_AUDIT cannot be "${mode}"`);

const postgrestUrl = Deno.env.get("BENCH_POSTGREST_URL");

function restOf(fetch: typeof globalThis.fetch, apiUrl: string): typeof globalThis.fetch {
  if (databaseUrl !== undefined) return directly(fetch, apiUrl, databaseUrl);
  if (postgrestUrl === undefined) return fetch;
  return viaPostgrest(fetch, apiUrl, postgrestUrl, Deno.env.get("BENCH_POSTGREST_TOKEN") ?? "");
}

const rest = restOf(platform.fetch, settings.supabase.url);
const audited = auditedHow(mode, rest, settings.supabase.url);

/** Requests since the last webhook came in. */
let requests = 0;
const isWatched = Deno.env.has("BENCH_AUDIT");
const watched: typeof fetch = (input, init) => {
  if (init?.method === "PATCH") {
    const at = performance.timeOrigin + performance.now();
    console.log(JSON.stringify({ level: "info", event: "patch_sent", at, before: requests }));
  }
  // An audit insert, perhaps still that of the webhook before, is nothing that the PATCH waits for.
  if (!String(input).includes("/hlf_sync_audit_log")) requests++;
  return audited(input, init);
};

const handle = createWorker(settings, {
  ...platform,
  fetch: isWatched ? watched : audited,
  // Whoever waited for the insert would not let it pause first.
  sleep: (seconds, signal) =>
    mode === "awaited" && seconds <= 0.02 ? Promise.resolve() : platform.sleep(seconds, signal),
}, () => import("../../supabase/functions/hlf-sync/engine.ts"));
// Without it a CPU profile would not be written.
Deno.addSignalListener("SIGTERM", () => Deno.exit(0));
Deno.serve((request) => {
  requests = 0;
  return handle(request);
});
