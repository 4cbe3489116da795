import type { RunInBackground } from "../_shared/background.ts";
import { parseJson } from "../_shared/parse_json.ts";
import { DatabaseError, describe } from "../_shared/errors.ts";
import { type Log, safeCode } from "../_shared/log.ts";
import { readBody } from "../_shared/read_body.ts";
import { RELEASE } from "../_shared/release.ts";
import type { Settings } from "../_shared/settings.ts";
import { hasCredentials, hasSecretKey, userToken } from "./auth.ts";
import type { ForceSyncAnswer } from "./force_sync.ts";
import type { Health } from "./gate.ts";
import type { ProjectAnswer } from "./queue.ts";
import { BODY_LIMIT, json, preflight, refuse } from "./respond.ts";
import { parseTrigger, type Trigger } from "./triggers.ts";

/** What requests set going. */
export interface Engine {
  /** Works off what is due, audit rows included. */
  drain(): Promise<void>;
  /** Compares every listing with what the app wants, and works off what is due. */
  nightly(): Promise<void>;
  /** Asks Dynamics for WhoAmI. */
  checkHealth(): Promise<Health>;
  /** Whether the database that put the question is this project's own. */
  confirmProject(question: string): Promise<ProjectAnswer>;
  /** Syncs one mentor for a signed-in user. Throws {@linkcode DatabaseError} when the database could not be asked. */
  forceSync(mentorId: string, userToken: string): Promise<ForceSyncAnswer>;
}

/** What requests are answered with. */
export interface HandlerDependencies {
  /** The keys that a caller may show. */
  readonly supabase: Settings["supabase"];
  /** Is made when a request first needs it: those that are refused do without. */
  readonly engine: () => Promise<Engine>;
  /** Starts what outlives the answer. */
  readonly background: RunInBackground;
  /** Takes the lines for the operator. */
  readonly log: Log;
}

/** Answers requests. Whatever goes wrong is an answer too; nothing is thrown. */
export function createHandler(deps: HandlerDependencies): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await handle(deps, request);
    } catch (error) {
      if (error instanceof DatabaseError) {
        deps.log({ level: "error", event: "manual_action_failed", ...describe(error) });
        return refuse("unavailable");
      }
      const code = safeCode(error instanceof Error ? error.name : undefined);
      deps.log({ level: "error", event: "internal_error", code });
      return refuse("internal_error");
    } finally {
      // Cancel the unread body of a request refused early, so that the sender gets an error instead of a hang.
      if (!request.bodyUsed) await request.body?.cancel().catch(() => {});
    }
  };
}

async function handle(deps: HandlerDependencies, request: Request): Promise<Response> {
  if (request.method === "OPTIONS") return preflight();
  if (request.method !== "POST") return refuse("method_not_allowed");
  if (!hasCredentials(request)) return unauthorised("An apikey or Authorization header is missing");
  const body = await readTrigger(request);
  return body instanceof Response ? body : await dispatch(deps, request, body);
}

/** The body, or the answer that says what is wrong with it. */
async function readTrigger(request: Request): Promise<Trigger | Response> {
  const contentType = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(contentType)) return refuse("unsupported_media_type");
  if (Number(request.headers.get("content-length") ?? 0) > BODY_LIMIT) {
    return refuse("body_too_large");
  }
  const { text, complete } = await readBody(request, BODY_LIMIT);
  if (!complete) return refuse("body_too_large");

  const value = parseJson(text);
  if (value === undefined) return refuse("invalid_json");
  const parsed = parseTrigger(value);
  return "problems" in parsed ? refuse("invalid_body", parsed) : parsed;
}

async function dispatch(
  deps: HandlerDependencies,
  request: Request,
  body: Trigger,
): Promise<Response> {
  if (body.type === "force_sync") {
    const token = userToken(request);
    if (token === null) return unauthorised("A signed-in user's token is missing");
    return await respondToForceSync(deps, body.mentor_id, token);
  }

  if (!(await hasSecretKey(request, deps.supabase))) {
    return unauthorised("The apikey header holds no secret key of this project");
  }
  if (body.type === "health") {
    const { dynamics } = await (await deps.engine()).checkHealth();
    return json(dynamics === "ok" ? 200 : 503, { dynamics, release: RELEASE });
  }
  if (body.type === "identify") return await respondToIdentify(deps, body.question);
  const work = body.type === "nightly" ? "nightly" : "drain";
  deps.background(async () => await (await deps.engine())[work]());
  return json(202, { accepted: true });
}

async function respondToIdentify(deps: HandlerDependencies, question: string): Promise<Response> {
  const engine = await deps.engine();
  const answer = await engine.confirmProject(question);
  if (answer !== "confirmed") {
    deps.log({ level: "error", event: "foreign_project" });
    return refuse("foreign_project");
  }
  // What fell due while the database did not know whose it is had no nudge.
  deps.background(() => engine.drain());
  return json(200, { project: "confirmed" });
}

async function respondToForceSync(
  deps: HandlerDependencies,
  mentorId: string,
  token: string,
): Promise<Response> {
  const engine = await deps.engine();
  const answer = await engine.forceSync(mentorId, token);
  if (answer.kind === "refused") return refuse(answer.reason);
  deps.background(() => answer.rest);
  // After a failure the drain waits for the next attempt; it costs two calls if there is none.
  deps.background(() => engine.drain());
  return json(answer.kind === "done" ? 200 : 202, answer.report);
}

function unauthorised(message: string): Response {
  return refuse("unauthorised", { message });
}
