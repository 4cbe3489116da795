import { assertEquals } from "@std/assert";
import type { ForceSyncReport } from "../api/actions.ts";
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
  );
  const presses = [syncs.start("a"), syncs.start("a"), syncs.start("b")];
  assertEquals(asked, ["a", "b"]);
  assertEquals(syncs.all.value.get("a"), { kind: "busy" });
  answer.resolve(REPORT);
  await Promise.all(presses);
  assertEquals(syncs.all.value.get("a"), { kind: "answered", report: REPORT });
  assertEquals(refreshed, 2);

  syncs.dismiss("a");
  assertEquals(syncs.all.value.has("a"), false);
});

Deno.test("ForceSyncs keeps a refusal, and takes an error for one", async () => {
  const refused = new ForceSyncs(
    () => Promise.resolve("too_many_requests" as const),
    () => Promise.resolve(),
  );
  await refused.start("a");
  assertEquals(refused.all.value.get("a"), { kind: "refused", reason: "too_many_requests" });

  const failing = new ForceSyncs(() => Promise.reject(new Error("x")), () => Promise.resolve());
  await failing.start("a");
  assertEquals(failing.all.value.get("a"), { kind: "refused", reason: "other" });
});
