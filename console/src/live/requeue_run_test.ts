import { assertEquals } from "@std/assert";
import { signal } from "@preact/signals";
import { ApiError } from "../api/answer.ts";
import type { Preview } from "../api/actions.ts";
import type { SyncState } from "../model/rows.ts";
import { stateOf } from "../model/testing.ts";
import { RequeueRun, type RequeueSource } from "./requeue_run.ts";

const NOW = "2026-11-22T12:00:00+00:00";

function preview(mentorId: string, isDeadLetter = true): Preview {
  return { mentorId, operation: "remove", isInSync: false, isDeadLetter };
}

function world(given: Partial<RequeueSource> = {}) {
  const dead = (mentor_id: string) => stateOf({ mentor_id, generation: 4, dead_lettered_at: NOW });
  const states = signal<ReadonlyMap<string, SyncState> | null>(
    new Map([["a", dead("a")], ["b", dead("b")]]),
  );
  const sent: (readonly string[])[] = [];
  const source: RequeueSource = {
    states,
    refresh: () => Promise.resolve(),
    preview: () => Promise.resolve([preview("a"), preview("b"), preview("c", false)]),
    requeue: (ids) => {
      sent.push(ids);
      return Promise.resolve(ids.length);
    },
    ...given,
  };
  function put(state: SyncState) {
    states.value = new Map([...states.value ?? [], [state.mentor_id, state]]);
  }
  return { run: new RequeueRun(source, ["a", "b", "c"]), sent, put };
}

Deno.test("RequeueRun sends what it has shown, once", async () => {
  const { run, sent } = world();
  await run.look();
  assertEquals(run.previews.value.map(({ mentorId }) => mentorId), ["a", "b"]);
  await Promise.all([run.confirm(), run.confirm()]);
  assertEquals(sent, [["a", "b"]]);
  assertEquals(run.phase.value, { kind: "following", leftOut: 0 });
});

Deno.test("RequeueRun follows each mentor to what came of it", async () => {
  const { run, put } = world();
  await run.look();
  await run.confirm();
  assertEquals([...run.steps.value.values()].map(({ kind }) => kind), ["working", "working"]);
  put(stateOf({ mentor_id: "a", generation: 5, confirmed_generation: 5 }));
  put(stateOf({ mentor_id: "b", generation: 5, dead_lettered_at: NOW, last_error: "rejected" }));
  assertEquals(run.steps.value.get("a"), { kind: "confirmed" });
  assertEquals(run.steps.value.get("b"), { kind: "stuck", error: "rejected" });
});

Deno.test("RequeueRun says how many no longer needed it", async () => {
  const { run } = world({ requeue: () => Promise.resolve(1) });
  await run.look();
  await run.confirm();
  assertEquals(run.phase.value, { kind: "following", leftOut: 1 });
});

Deno.test("RequeueRun says why it could not", async () => {
  const refused = world({ requeue: () => Promise.resolve("sync_disabled") });
  await refused.run.look();
  await refused.run.confirm();
  assertEquals(refused.run.phase.value, { kind: "refused", reason: "sync_disabled" });

  const offline = world({ preview: () => Promise.reject(new ApiError("unreachable", null)) });
  await offline.run.look();
  assertEquals(offline.run.phase.value, { kind: "refused", reason: "unreachable" });
});
