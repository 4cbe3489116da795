import { assertEquals } from "@std/assert";
import { standingOf } from "../model/standing.ts";
import { stateOf } from "../model/testing.ts";
import { describeConfirmed, describeNext, describeTrouble } from "./describe_state.ts";
import { nb } from "./nb.ts";

const now = new Date("2026-11-22T12:00:00Z");

function next(given: Parameters<typeof stateOf>[0], more = {}) {
  const state = stateOf(given);
  return describeNext(state, standingOf(state), {
    now,
    words: nb,
    hold: null,
    lagMinutes: 75,
    ...more,
  });
}

Deno.test("describeConfirmed() says what and since when", () => {
  assertEquals(describeConfirmed(stateOf(), now, nb), "Bekreftet vist i dag kl.\u00a013.00");
  assertEquals(
    describeConfirmed(stateOf({ confirmed_operation: null }), now, nb),
    "Ingenting bekreftet ennå",
  );
});

Deno.test("describeNext() says what happens next, and why not yet", () => {
  const due = "2026-11-22T12:02:00+00:00";
  assertEquals(next({ confirmed_at: "2026-11-20T12:00:00+00:00" }), null);
  assertEquals(next({ due_at: "2026-11-22T11:59:59+00:00" }), "Sendes straks");
  assertEquals(next({ in_flight_attempt_id: "x" }), "Sendes nå");
  assertEquals(next({ due_at: due }), "Neste forsøk i dag kl.\u00a013.02");
  assertEquals(
    next({ due_at: due, attempts: 2, last_error: "unavailable" }),
    "Neste forsøk i dag kl.\u00a013.02 · Vi fikk ikke kontakt med HLFs register",
  );
  assertEquals(
    next({ dead_lettered_at: "2026-11-22T11:00:00+00:00", attempts: 8, last_error: "forbidden" }),
    "Stoppet i dag kl.\u00a012.00 · Løsningen mangler tilgang i HLFs register",
  );
});

Deno.test("describeNext() says when something is held back", () => {
  const due_at = "2026-11-22T11:59:59+00:00";
  assertEquals(next({ due_at }, { hold: { kind: "disabled" } }), "Venter: sendingen er stoppet");
  assertEquals(
    next({ due_at }, {
      hold: { kind: "throttled", until: new Date("2026-11-22T12:05:00Z") },
    }),
    "Venter: sendes automatisk etter kl.\u00a013.05",
  );
});

Deno.test("describeNext() says until when the public page may lag behind", () => {
  const confirmed_at = "2026-11-22T11:59:00+00:00";
  const remove = { wanted_operation: "remove", confirmed_operation: "remove" } as const;
  assertEquals(
    next({ ...remove, confirmed_at }),
    "Fjernet – kan være synlig på nettsiden til kl.\u00a014.14",
  );
  assertEquals(next({ confirmed_at }), "Synlig på nettsiden senest kl.\u00a014.14");
  assertEquals(next({ ...remove, confirmed_at }, { lagMinutes: 0 }), null);
});

Deno.test("describeTrouble() says what went wrong and what to do, to whom it went wrong", () => {
  const trouble = (given: Parameters<typeof stateOf>[0]) => {
    const state = stateOf(given);
    return describeTrouble(state, standingOf(state), null, nb)?.todo ?? null;
  };
  const last_error = "credentials_rejected";
  const { onceStuck, whileRetried } = nb.errors.credentials_rejected;
  const due = "2026-11-22T12:02:00+00:00";
  assertEquals(trouble({ attempts: 8, dead_lettered_at: due, last_error }), onceStuck);
  assertEquals(trouble({ attempts: 1, due_at: due, last_error }), whileRetried);
  assertEquals(trouble({ attempts: 0, due_at: due, last_error: null }), null);
  assertEquals(trouble({}), null);
});
