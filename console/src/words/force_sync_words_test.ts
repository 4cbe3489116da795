import { assert, assertEquals } from "@std/assert";
import type { ForceSyncReport } from "../api/actions.ts";
import type { Hold } from "../model/outlook.ts";
import { describeForceSync } from "./force_sync_words.ts";
import { nb } from "./nb.ts";

const NOW = new Date("2026-11-22T12:00:00Z");

function describe(report: ForceSyncReport, hold: Hold | null = null) {
  return describeForceSync({ kind: "answered", report }, "Åse", "remove", {
    now: NOW,
    hold,
    lagMinutes: 75,
  }, nb);
}

Deno.test("describeForceSync() says that it worked, and that the website may lag", () => {
  const { tone, text } = describe({ operation: "restore", outcome: "success", error: null });
  assertEquals(tone, "good");
  assertEquals(text, [
    "Ferdig. HLFs register har bekreftet at Åse skal vises.",
    "Det kan gå inntil 75 minutter før endringen synes på selve nettsiden.",
  ]);
  assert(
    describe({ operation: null, outcome: "success", error: null }).text[0]?.includes("fjernet"),
  );
});

Deno.test("describeForceSync() says why it did not work, what to do, and when it is tried again", () => {
  const failed = describe({
    operation: "remove",
    outcome: "failure",
    error: "unavailable",
    next_attempt_at: "2026-11-22T12:00:05Z",
  });
  assertEquals(failed.tone, "wait");
  assertEquals(failed.text.at(-1), "Neste forsøk i dag kl.\u00a013.00.");
  assert(failed.text.join(" ").includes(nb.errors.unavailable.whileRetried));

  const stuck = describe({
    operation: "restore",
    outcome: "dead_lettered",
    error: "listing_not_found code=0x80060891",
  });
  assertEquals(stuck.tone, "bad");
  assert(stuck.text.includes(nb.errors.listing_not_found.onceStuck));

  const report = { operation: null, outcome: "pending", error: "credentials_rejected" } as const;
  const pending = describe(report, { kind: "credentials" }).text;
  assertEquals(pending.at(-1), nb.force.pendingHeld);
});

Deno.test("describeForceSync() puts every refusal in words", () => {
  for (const reason of Object.keys(nb.force.refused) as (keyof typeof nb.force.refused)[]) {
    const { text } = describeForceSync(
      { kind: "refused", reason },
      "Åse",
      "remove",
      { now: NOW, hold: null, lagMinutes: 75 },
      nb,
    );
    assert((text[0] ?? "").length > 20, reason);
  }
});
