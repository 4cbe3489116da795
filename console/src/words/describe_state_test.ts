import { assertEquals } from "@std/assert";
import { standingOf } from "../standing.ts";
import { stateOf } from "../testing.ts";
import { describeConfirmed, describeNext, describeTrouble, isClosed } from "./describe_state.ts";
import { nb } from "./nb.ts";

const now = new Date("2026-11-22T12:00:00Z");
const open = { closed_until: "-infinity", reason: null };

function next(given: Parameters<typeof stateOf>[0], more = {}) {
  const state = stateOf(given);
  return describeNext(state, standingOf(state), {
    now,
    words: nb,
    isHeld: false,
    gate: open,
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
  assertEquals(next({}), null);
  assertEquals(next({ due_at: "2026-11-22T11:59:59+00:00" }), "Sendes straks");
  assertEquals(next({ in_flight_attempt_id: "x" }), "Sendes nå");
  assertEquals(next({ due_at: due }), "Neste forsøk i dag kl.\u00a013.02");
  assertEquals(
    next({ due_at: due, attempts: 2, last_error: "unavailable" }),
    "Neste forsøk i dag kl.\u00a013.02 · Dynamics var nede",
  );
  assertEquals(
    next({ dead_lettered_at: "2026-11-22T11:00:00+00:00", attempts: 8, last_error: "forbidden" }),
    "Har stått fast siden i dag kl.\u00a012.00 · Systemet mangler tilgang i Dynamics",
  );
});

Deno.test("describeNext() says when something is held back", () => {
  const due_at = "2026-11-22T11:59:59+00:00";
  assertEquals(next({ due_at }, { isHeld: true }), "Holdes tilbake");
  assertEquals(
    next({ due_at }, { gate: { closed_until: "infinity", reason: "credentials" } }),
    "Holdes tilbake",
  );
});

Deno.test("describeTrouble() says what went wrong and what to do, to whom it went wrong", () => {
  const trouble = (given: Parameters<typeof stateOf>[0]) => {
    const state = stateOf(given);
    return describeTrouble(state, standingOf(state), nb)?.todo ?? null;
  };
  const last_error = "credentials_rejected";
  const { onceStuck, whileRetried } = nb.errors.credentials_rejected;
  const due = "2026-11-22T12:02:00+00:00";
  assertEquals(trouble({ attempts: 8, dead_lettered_at: due, last_error }), onceStuck);
  assertEquals(trouble({ attempts: 1, due_at: due, last_error }), whileRetried);
  assertEquals(trouble({ attempts: 0, due_at: due, last_error: null }), null);
  assertEquals(trouble({}), null);
});

Deno.test("isClosed() follows the clock", () => {
  const gate = { closed_until: "2026-11-22T12:00:30+00:00", reason: "throttled" };
  assertEquals(isClosed(gate, now), true);
  assertEquals(isClosed(gate, new Date("2026-11-22T12:00:31Z")), false);
  assertEquals(isClosed(open, now), false);
  assertEquals(isClosed(null, now), false);
});
