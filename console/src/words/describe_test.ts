import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ERROR_CLASSES } from "../explain.ts";
import { attemptOf } from "../testing.ts";
import {
  describeDay,
  describeEvent,
  describeMoment,
  describeTimestamp,
  explainAttempt,
  nameOf,
} from "./describe.ts";
import { en } from "./en.ts";
import { nb } from "./nb.ts";

const NOW = new Date("2026-11-22T12:00:00Z");

Deno.test("describeMoment() says the near days by name, in Oslo's time", () => {
  const say = (iso: string) => describeMoment(new Date(iso), NOW, nb);
  assertEquals(say("2026-11-22T13:05:00Z"), "i dag kl.\u00a014.05");
  assertEquals(say("2026-11-20T23:30:00Z"), "i går kl.\u00a000.30");
  assertEquals(say("2026-11-22T23:30:00Z"), "i morgen kl.\u00a000.30");
  assertEquals(say("2026-11-19T11:00:00Z"), "19. nov. kl.\u00a012.00");
  assertEquals(say("2025-11-19T11:00:00Z"), "19. nov. 2025 kl.\u00a012.00");
  assertEquals(describeMoment(new Date("2026-11-22T13:05:00Z"), NOW, en), "today at 14:05");
});

Deno.test("describeTimestamp() says nothing of what is no moment", () => {
  assertEquals(describeTimestamp("infinity", NOW, nb), "");
  assertEquals(describeTimestamp(null, NOW, nb), "");
  assertEquals(describeTimestamp("2026-11-22 13:05:00+00", NOW, nb), "i dag kl.\u00a014.05");
});

Deno.test("describeDay() names the year only if it is another", () => {
  assertEquals(describeDay("2026-11-22", NOW, "nb-NO"), "22. nov.");
  assertEquals(describeDay("2024-02-29", NOW, "en-GB"), "29 Feb 2024");
});

Deno.test("nameOf() tells deleted mentors apart without naming them", () => {
  assertEquals(
    nameOf(null, "00000000-0000-4000-8000-0000000000a1", nb),
    "Slettet likeperson (…00a1)",
  );
});

Deno.test("explainAttempt() explains every error class, in both languages, with what to do", () => {
  for (const words of [nb, en]) {
    const titles = new Set<string>();
    for (const errorClass of ERROR_CLASSES) {
      const failed = attemptOf({ outcome: "failure", error_message: `${errorClass} code=0x1` });
      const retried = explainAttempt(failed, words);
      const stuck = explainAttempt({ ...failed, outcome: "dead_lettered" }, words);
      titles.add(retried.title);
      assert(!retried.title.includes("_") && retried.meaning.length > 20, errorClass);
      assertNotEquals(retried.todo, stuck.todo);
      assert((stuck.todo ?? "").length > 20 && (retried.todo ?? "").length > 20, errorClass);
    }
    assertEquals(titles.size, ERROR_CLASSES.length);
    assertEquals(explainAttempt(attemptOf(), words).todo, null);
  }
});

Deno.test("describeEvent() and the alerts know every word of the database, in both languages", async () => {
  for (const words of [nb, en]) {
    for (const status of Object.keys(nb.status)) {
      const event = `status_change:${status}`;
      assertNotEquals(describeEvent(event, words), event);
    }
    const [, kinds] = (await migration("20261101000600_create_hlf_sync_alerts.sql"))
      .match(/alert_kinds \(kind, meaning, acts\) values\n([\s\S]*?)\);\n/) ?? [];
    const known = [...(kinds ?? "").matchAll(/^\('([a-z_]+)',/gm)].map(([, kind]) => kind);
    assert(known.length > 5);
    assertEquals(Object.keys(words.alerts).sort(), known.sort());
  }
});

Deno.test("the words for broken seals are those that the database says", async () => {
  const sql = await migration("20261101002200_seal_hlf_sync_audit_log.sql");
  const reasons = new Set([...sql.matchAll(/problem := '([^']+)'/g)].map(([, reason]) => reason));
  for (const words of [nb, en]) {
    assertEquals(Object.keys(words.log.sealReasons).sort(), [...reasons].sort());
  }
});

function migration(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../../supabase/migrations/${name}`, import.meta.url));
}
