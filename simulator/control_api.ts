import { z } from "zod";
import {
  controlListingSchema,
  credentialsSchema,
  environmentSchema,
  latencySchema,
  limitsSchema,
  listingBodySchema,
  seedSchema,
  websiteSchema,
} from "./control_schemas.ts";
import { faultRuleSchema } from "./fault_rules.ts";
import { etagOf, type Listing } from "./listings.ts";
import { emptyReply, jsonReply, type Reply, type SimulatorRequest } from "./messages.ts";
import type { SimulatorState } from "./simulator_state.ts";

/** Where the control API lies. */
export const CONTROL_ROOT = "/_simulator/";

const REQUESTS_PER_ANSWER = 10_000;

const sinceSchema = z.coerce.number().int().nonnegative().default(0);

type Route = (state: SimulatorState, request: SimulatorRequest, argument: string) => Reply;

const ROUTES: Readonly<Record<string, Route>> = {
  "GET listings": (state) => listingsReply(state.listings.after(0)),
  "PUT listings": (state, request) => {
    state.seed(read(seedSchema, request).listings);
    return emptyReply(204);
  },
  "PUT listings/": (state, request, mentorId) => {
    state.upsertListing(mentorId, read(listingBodySchema, request));
    return emptyReply(204);
  },
  "DELETE listings/": (state, _request, mentorId) =>
    state.deleteListing(mentorId) ? emptyReply(204) : notFound("listing"),
  "GET requests": (state, request) => {
    const search = new URLSearchParams(request.search);
    const since = parse(sinceSchema, search.get("since") ?? undefined);
    const found = state.log.since(since, REQUESTS_PER_ANSWER + 1);
    return jsonReply(200, {
      requests: found.slice(0, REQUESTS_PER_ANSWER),
      more: found.length > REQUESTS_PER_ANSWER,
    });
  },
  "DELETE requests": (state) => {
    state.log.clear();
    return emptyReply(204);
  },
  "POST faults": (state, request) => {
    const id = state.faults.add(read(faultRuleSchema, request));
    return jsonReply(201, { id });
  },
  "DELETE faults": (state) => {
    state.faults.clear();
    return emptyReply(204);
  },
  // A rule that has struck its last is gone already, which is what the caller wants.
  "DELETE faults/": (state, _request, id) => {
    state.faults.remove(id);
    return emptyReply(204);
  },
  "PATCH credentials": (state, request) => {
    state.setCredentials(read(credentialsSchema, request));
    return emptyReply(204);
  },
  "PATCH environment": (state, request) => {
    state.setEnvironment(read(environmentSchema, request));
    return emptyReply(204);
  },
  "POST listings": (state, request) => {
    state.addListing(read(controlListingSchema, request));
    return emptyReply(204);
  },
  "PUT limits": (state, request) => {
    state.setLimits(read(limitsSchema, request));
    return emptyReply(204);
  },
  "PUT latency": (state, request) => {
    state.exchanger.latencySeconds = read(latencySchema, request).seconds;
    return emptyReply(204);
  },
  "PUT website": (state, request) => {
    state.website.cacheSeconds = read(websiteSchema, request).cacheSeconds;
    return emptyReply(204);
  },
  "POST website/refresh": (state) => {
    state.website.refresh();
    return emptyReply(204);
  },
  "POST reset": (state) => {
    state.reset();
    return emptyReply(204);
  },
};

/** A body or an argument of the control API that cannot be taken. */
class BadControlRequest extends Error {
  constructor(readonly problems: readonly string[]) {
    super("The control request cannot be taken");
  }
}

/**
 * The simulator's own API, by which tests and the demo change its state and look at it. It is not part
 * of what is simulated: nothing here is logged, delayed or faulted.
 */
export function handleControlRequest(state: SimulatorState, request: SimulatorRequest): Reply {
  const path = request.path.slice(CONTROL_ROOT.length);
  const exact = ROUTES[`${request.method} ${path}`];
  const slash = path.indexOf("/") + 1;
  const route = exact ?? ROUTES[`${request.method} ${path.slice(0, slash)}`];
  if (route === undefined) return notFound("control request");
  try {
    return route(state, request, decode(path.slice(slash)));
  } catch (error) {
    if (error instanceof BadControlRequest) return jsonReply(400, { problems: error.problems });
    throw error;
  }
}

function decode(argument: string): string {
  try {
    return decodeURIComponent(argument);
  } catch {
    throw new BadControlRequest(["The path is malformed"]);
  }
}

function read<T>(schema: z.ZodType<T>, request: SimulatorRequest): T {
  let body: unknown;
  try {
    body = JSON.parse(request.body);
  } catch {
    throw new BadControlRequest(["The body is not JSON"]);
  }
  return parse(schema, body);
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new BadControlRequest(
    result.error.issues.map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`),
  );
}

function notFound(what: string): Reply {
  return jsonReply(404, { problems: [`There is no such ${what}`] });
}

function listingsReply(rows: Iterable<Listing>): Reply {
  const listings = Array.from(rows, (row) => ({
    mentorId: row.mentorId,
    published: row.published,
    name: row.name,
    id: row.id,
    etag: etagOf(row),
  }));
  return jsonReply(200, { listings });
}
