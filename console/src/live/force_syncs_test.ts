import { assertEquals, assertObjectMatch } from "@std/assert";
import { signal } from "@preact/signals";
import type { ForceSyncReport } from "../api/actions.ts";
import type { SyncState } from "../model/rows.ts";
import { stateOf } from "../model/testing.ts";
import { ForceSyncs } from "./force_syncs.ts";

const REPORT: ForceSyncReport = { operation: "remove", outcome: "success", error: null };

Deno.test("ForceSyncs asks once however often the button is pressed", async () => {
  const asked: string[] = [];
  const answer = Promise.withResolvers<ForceSyncReport>();
  let refreshed = 0;
  const syncs = new ForceSyncs(
    (id) => {
      asked.push(id);
      return answer.promise;
    },
    () => Promise.resolve(void refreshed++),
    signal(new Map()),
  );
  const presses = [syncs.start("a"), syncs.start("a"), syncs.start("b")];
  assertEquals(asked, ["a", "b"]);
  assertEquals(syncs.all.value.get("a")?.kind, "busy");
  answer.resolve(REPORT);
  await Promise.all(presses);
  assertEquals(syncs.all.value.get("a")?.kind, "answered");
  assertEquals(refreshed, 2);

  syncs.dismiss("a");
  assertEquals(syncs.all.value.has("a"), false);
});

Deno.test("ForceSyncs keeps a refusal, and takes an error for one", async () => {
  const refused = new ForceSyncs(
    () => Promise.resolve("too_many_requests" as const),
    () => Promise.resolve(),
    signal(new Map()),
  );
  await refused.start("a");
  assertObjectMatch(refused.all.value.get("a") ?? {}, {
    kind: "refused",
    reason: "too_many_requests",
  });

  const failing = new ForceSyncs(
    () => Promise.reject(new Error("x")),
    () => Promise.resolve(),
    signal(new Map()),
  );
  await failing.start("a");
  assertObjectMatch(failing.all.value.get("a") ?? {}, { kind: "refused", reason: "other" });
});

function removed(generation: number): SyncState {
  return stateOf({ generation, wanted_operation: "remove" });
}

Deno.test("ForceSyncs drops what something newer has overtaken", async () => {
  const states = signal(new Map<string, SyncState>([["a", removed(1)]]));
  const syncs = new ForceSyncs(
    () => Promise.resolve(REPORT),
    () => Promise.resolve(void (states.value = new Map([["a", removed(2)]]))),
    states,
  );
  await syncs.start("a");
  assertEquals(syncs.all.value.get("a")?.kind, "answered");
  states.value = new Map([["a", removed(3)]]);
  assertEquals(syncs.all.value.has("a"), false);

  // Wanted otherwise before its own generation was read.
  const overtaken = new ForceSyncs(
    () => Promise.resolve(REPORT),
    () => Promise.resolve(void (states.value = new Map([["a", stateOf({ generation: 5 })]]))),
    states,
  );
  await overtaken.start("a");
  assertEquals(overtaken.all.value.has("a"), false);
});
