import { assertEquals } from "@std/assert";
import { ApiError } from "../api/answer.ts";
import type { News } from "../api/news.ts";
import type { Mentor, SyncState } from "../model/rows.ts";
import { stateOf } from "../model/testing.ts";
import { Live } from "./live.ts";

const START = Date.parse("2026-11-22T12:00:00Z");
const LAG_MINUTES = 75;
const GATE = { closed_until: "-infinity", reason: null };

/** A database of one organisation, a clock that only moves when told, and what was asked. */
function world() {
  let now = START;
  const states = new Map<string, SyncState>();
  const mentors = new Map<string, Mentor>();
  const asked: (string | null)[] = [];
  let failure: ApiError | null = null;
  let refused: (keyof News)[] = [];
  let newest: string | null = null;
  let signedOut = 0;
  const live = new Live({
    readNews(since) {
      asked.push(since);
      if (failure !== null) return Promise.reject(failure);
      const changed = [...states.values()].filter(({ updated_at }) =>
        since === null || Date.parse(updated_at) > Date.parse(since) - 30_000
      );
      const news: News = {
        read_at: new Date(now).toISOString(),
        organisation: { id: "o", name: "Nordfjell", is_enabled: true },
        state_count: states.size,
        states: changed,
        mentors: [...mentors.values()].filter(({ id }) =>
          since === null || changed.some(({ mentor_id }) => mentor_id === id)
        ),
        gate: GATE,
        alerts: [],
        nights: [],
        notifications: [],
        newest_attempt: newest,
      };
      return Promise.resolve({
        ...news,
        ...Object.fromEntries(refused.map((part) => [part, null])),
      });
    },
    now: () => new Date(now),
    sleep: () => Promise.resolve(),
    isVisible: () => true,
    onSignedOut: () => signedOut++,
    onOrganisation: () => {},
    lagMinutes: LAG_MINUTES,
  });
  return {
    live,
    asked,
    states,
    signedOuts: () => signedOut,
    pass: (seconds: number) => now += seconds * 1000,
    fail: (error: ApiError | null) => failure = error,
    refuse: (...parts: (keyof News)[]) => refused = parts,
    attempt: (id: string) => newest = id,
    names: () =>
      live.listed.value.map(({ known }) => typeof known === "string" ? known : known.full_name),
    put: (given: Partial<SyncState>, full_name: string | null) => {
      const state = stateOf({ updated_at: new Date(now).toISOString(), ...given });
      states.set(state.mentor_id, state);
      const id = state.mentor_id;
      if (full_name === null) mentors.delete(id);
      else {
        mentors.set(id, { id, full_name, status: "active", certification_expiry_date: null });
      }
    },
  };
}

Deno.test("Live reads all at first, and then only what is new, in one question a tick", async () => {
  const { live, asked, put, pass, names } = world();
  put({ mentor_id: "a" }, "Åse");
  put({ mentor_id: "b" }, "Bjørn");
  await live.refresh();
  assertEquals(names(), ["Bjørn", "Åse"]);

  pass(60);
  put({ mentor_id: "a", wanted_operation: "remove", due_at: "2026-11-22T12:01:00Z" }, "Åse");
  await live.refresh();
  assertEquals(asked, [null, "2026-11-22T12:00:00.000Z"]);
  assertEquals(live.listed.value.map(({ standing }) => standing), ["waiting", "in_sync"]);
});

Deno.test("Live reads what was committed late", async () => {
  const { live, put, pass } = world();
  put({ mentor_id: "a" }, "Åse");
  await live.refresh();
  pass(3);
  put({ mentor_id: "b", updated_at: new Date(START - 2000).toISOString() }, "Bjørn");
  await live.refresh();
  assertEquals(live.listed.value.length, 2);
});

Deno.test("Live reads all again when rows have gone elsewhere, and every ten minutes for names", async () => {
  const { live, asked, states, put, pass, names } = world();
  put({ mentor_id: "a" }, "Åse");
  put({ mentor_id: "b" }, "Bjørn");
  await live.refresh();
  pass(60);
  states.delete("b");
  await live.refresh();
  await live.refresh();
  assertEquals(asked.at(-1), null);
  assertEquals(names(), ["Åse"]);

  put({ mentor_id: "a", updated_at: new Date(START).toISOString() }, "Aase");
  pass(601);
  await live.refresh();
  assertEquals(asked.at(-1), null);
  assertEquals(names(), ["Aase"]);
});

Deno.test("Live keeps a deleted mentor until the public page has followed, too", async () => {
  const { live, put, pass, names } = world();
  put({ mentor_id: "a" }, "Åse");
  await live.refresh();
  pass(60);
  const gone = { mentor_id: "a", wanted_operation: "remove" } as const;
  put({ ...gone, due_at: "2026-11-22T12:01:00Z" }, null);
  await live.refresh();
  assertEquals(names(), ["deleted"]);
  const confirmed_at = "2026-11-22T12:01:00Z";
  put({ ...gone, confirmed_operation: "remove", confirmed_at }, null);
  await live.refresh();
  assertEquals(names(), ["deleted"]);
  pass(LAG_MINUTES * 60);
  await live.refresh();
  assertEquals(names(), []);
});

Deno.test("Live goes on without what is refused, and calls nobody deleted for it", async () => {
  const { live, put, refuse, names } = world();
  put({ mentor_id: "a" }, "Åse");
  refuse("notifications", "mentors", "gate");
  await live.refresh();
  assertEquals(live.contact.value, "ok");
  assertEquals(live.notifications.value, null);
  assertEquals(live.gate.value, null);
  assertEquals(names(), ["unread"]);
});

Deno.test("Live tells when there may be news in the log", async () => {
  const { live, put, attempt } = world();
  put({ mentor_id: "a" }, "Åse");
  await live.refresh();
  const before = live.logVersion.value;
  await live.refresh();
  assertEquals(live.logVersion.value, before);
  attempt("x");
  await live.refresh();
  assertEquals(live.logVersion.value, before + 1);
});

Deno.test("Live keeps what it knew while there is no contact, tells it from a refusal, and recovers", async () => {
  const { live, put, fail, pass, signedOuts } = world();
  put({ mentor_id: "a" }, "Åse");
  await live.refresh();
  pass(3);
  fail(new ApiError("unreachable", null));
  await live.refresh();
  assertEquals(live.contact.value, "unreachable");
  assertEquals(live.readAt.value?.getTime(), START);
  assertEquals(live.listed.value.length, 1);
  fail(new ApiError("refused", null));
  await live.refresh();
  assertEquals(live.contact.value, "refused");
  fail(null);
  await live.refresh();
  assertEquals(live.contact.value, "ok");
  assertEquals(signedOuts(), 0);
});

Deno.test("Live says when the session is over", async () => {
  const { live, fail, signedOuts } = world();
  fail(new ApiError("signed_out", null));
  await live.refresh();
  assertEquals(signedOuts(), 1);
});

Deno.test("Live stops when told, and asks nothing while nobody looks", async () => {
  let looks = 0;
  const live: Live = new Live({
    readNews: () => Promise.reject(new Error("asked")),
    now: () => new Date(START),
    sleep: () => Promise.resolve(looks++ === 3 ? live.stop() : undefined),
    isVisible: () => false,
    onSignedOut: () => {},
    onOrganisation: () => {},
    lagMinutes: LAG_MINUTES,
  });
  await live.run();
  assertEquals(live.contact.value, "ok");
});
