import { assert, assertEquals } from "@std/assert";
import { ApiError } from "../api/answer.ts";
import type { Mentor, SyncState } from "../rows.ts";
import { stateOf } from "../testing.ts";
import { Live, type LiveSource } from "./live.ts";

const START = Date.parse("2026-11-22T12:00:00Z");

/** A database of one organisation, a clock that only moves when told, and what was asked. */
function world() {
  let now = START;
  const states = new Map<string, SyncState>();
  const mentors = new Map<string, Mentor>();
  const asked: string[] = [];
  let failure: ApiError | null = null;
  let signedOut = 0;
  function answer<T>(what: string, value: T): Promise<T> {
    asked.push(what);
    return failure === null ? Promise.resolve(value) : Promise.reject(failure);
  }
  const source: LiveSource = {
    readStates: (since) =>
      answer(
        `states ${since}`,
        [...states.values()].filter(({ updated_at }) =>
          since === null || Date.parse(updated_at) > Date.parse(since)
        ),
      ),
    readMentors: (ids) =>
      answer(
        `mentors ${ids}`,
        [...mentors.values()].filter(({ id }) => ids === null || ids.includes(id)),
      ),
    readWarnings: () => answer("warnings", { alerts: [], gate: null }),
    readHappenings: () => answer("happenings", { night: null, notifications: [] }),
  };
  const live = new Live({
    source,
    now: () => new Date(now),
    sleep: () => Promise.resolve(),
    isVisible: () => true,
    onSignedOut: () => signedOut++,
  });
  return {
    live,
    asked,
    signedOuts: () => signedOut,
    pass: (seconds: number) => now += seconds * 1000,
    fail: (error: ApiError | null) => failure = error,
    put: (given: Partial<SyncState>, name: string | null) => {
      const state = stateOf({ updated_at: new Date(now).toISOString(), ...given });
      states.set(state.mentor_id, state);
      if (name === null) mentors.delete(state.mentor_id);
      else {
        mentors.set(state.mentor_id, { id: state.mentor_id, full_name: name, status: "active" });
      }
    },
  };
}

Deno.test("Live reads all at first, and then only what is new", async () => {
  const { live, asked, put, pass } = world();
  put({ mentor_id: "a" }, "Åse");
  put({ mentor_id: "b" }, "Bjørn");
  await live.refresh();
  assertEquals(live.listed.value.map(({ mentor }) => mentor?.full_name), ["Bjørn", "Åse"]);

  pass(20);
  asked.length = 0;
  put({ mentor_id: "a", wanted_operation: "remove", due_at: "2026-11-22T12:00:20Z" }, "Åse");
  await live.refresh();
  assertEquals(asked, ["states 2026-11-22T12:00:00.000Z", "warnings", "mentors a", "happenings"]);
  assertEquals(live.listed.value.map(({ standing }) => standing), ["waiting", "in_step"]);
});

Deno.test("Live reads the last seconds again, for what was committed late", async () => {
  const { live, asked, put, pass } = world();
  put({ mentor_id: "a" }, "Åse");
  await live.refresh();
  pass(3);
  const late = { mentor_id: "b", updated_at: new Date(START - 2000).toISOString() };
  put(late, "Bjørn");
  await live.refresh();
  assertEquals(live.listed.value.length, 2);

  pass(20);
  asked.length = 0;
  await live.refresh();
  assertEquals(asked, ["states 2026-11-22T12:00:00.000Z", "warnings", "happenings"]);

  pass(3);
  asked.length = 0;
  await live.refresh();
  assertEquals(asked, ["states 2026-11-22T12:00:00.000Z", "warnings"]);
});

Deno.test("Live reloads everything once a minute, and then knows who was renamed or is gone", async () => {
  const { live, asked, put, pass } = world();
  put({ mentor_id: "a" }, "Åse");
  await live.refresh();
  put({ mentor_id: "a", updated_at: new Date(START).toISOString() }, "Aase");
  pass(61);
  asked.length = 0;
  await live.refresh();
  assert(asked.includes("states null"));
  assertEquals(live.listed.value[0]?.mentor?.full_name, "Aase");
});

Deno.test("Live forgets the name of a mentor who was deleted", async () => {
  const { live, put, pass } = world();
  put({ mentor_id: "a" }, "Åse");
  await live.refresh();
  pass(3);
  put({ mentor_id: "a", wanted_operation: "remove", due_at: "2026-11-22T12:00:03Z" }, null);
  await live.refresh();
  assertEquals(live.listed.value.map(({ mentor }) => mentor), [null]);
});

Deno.test("Live keeps what it knew while there is no contact, and recovers", async () => {
  const { live, put, fail, pass, signedOuts } = world();
  put({ mentor_id: "a" }, "Åse");
  await live.refresh();
  pass(3);
  fail(new ApiError("unreachable", null));
  await live.refresh();
  assertEquals(live.hasContact.value, false);
  assertEquals(live.readAt.value?.getTime(), START);
  assertEquals(live.listed.value.length, 1);
  fail(null);
  await live.refresh();
  assertEquals(live.hasContact.value, true);
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
    source: {
      readStates: () => Promise.reject(new Error("asked")),
      readMentors: () => Promise.reject(new Error("asked")),
      readWarnings: () => Promise.reject(new Error("asked")),
      readHappenings: () => Promise.reject(new Error("asked")),
    },
    now: () => new Date(START),
    sleep: () => Promise.resolve(looks++ === 3 ? live.stop() : undefined),
    isVisible: () => false,
    onSignedOut: () => {},
  });
  await live.run();
  assertEquals(live.hasContact.value, true);
});
