import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ERROR_CLASSES } from "../model/explain.ts";
import { attemptOf } from "../model/testing.ts";
import {
  describeDay,
  describeEvent,
  describeExactly,
  describeMoment,
  describeTimeOf,
  describeTimestamp,
  explainAttempt,
  explainError,
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

Deno.test("describeTimeOf() leaves today out, and describeExactly() nothing", () => {
  assertEquals(describeTimeOf(new Date("2026-11-22T18:16:00Z"), NOW, nb), "kl.\u00a019.16");
  assertEquals(describeTimeOf(new Date("2026-11-22T18:16:00Z"), NOW, en), "19:16");
  assertEquals(
    describeTimeOf(new Date("2026-11-22T23:16:00Z"), NOW, nb),
    "i morgen kl.\u00a000.16",
  );
  assert(/22\. nov\. 2026.*14[.:]05[.:]09/.test(describeExactly("2026-11-22T13:05:09Z", nb)));
});

Deno.test("Every error class is explained in both languages, without its own jargon, with what to do", () => {
  for (const words of [nb, en]) {
    for (const errorClass of ERROR_CLASSES) {
      const { title, meaning, whileRetried, onceStuck } = explainError(
        `${errorClass} code=0x1`,
        words,
      );
      assertNotEquals(title, words.unknownError.title);
      assert(!/_|Dynamics|HTTP/.test(title + meaning + whileRetried + onceStuck), errorClass);
      assert(meaning.length > 20 && whileRetried.length > 20 && onceStuck.length > 20, errorClass);
      assertNotEquals(whileRetried, onceStuck);
    }
  }
});

Deno.test("explainAttempt() asks for something to be done only where nothing more comes by itself", () => {
  const failed = attemptOf({ outcome: "failure", error_message: "rejected code=0x1" });
  assertEquals(explainAttempt(failed, nb).todo, null);
  const stuck = explainAttempt({ ...failed, outcome: "dead_lettered" }, nb);
  assertEquals(stuck.todo, nb.errors.rejected.onceStuck);
  assertEquals(explainAttempt(attemptOf(), nb).todo, null);
});

Deno.test("describeEvent() knows every status of the database, in both languages", () => {
  for (const words of [nb, en]) {
    for (const status of Object.keys(nb.status)) {
      const event = `status_change:${status}`;
      assertNotEquals(describeEvent(event, words), event);
    }
  }
});

Deno.test("The alerts that coordinators are told of are the same in both languages, and none of an operator's", () => {
  assertEquals(Object.keys(nb.alerts).sort(), Object.keys(en.alerts).sort());
  for (const kind of ["audit_gap", "duplicates", "partition_missing", "dead_letters"]) {
    assertEquals(nb.alerts[kind], undefined);
  }
});

Deno.test("the words for broken seals are those that the database says", async () => {
  const sql = await Deno.readTextFile(new URL("../../../supabase/schema.sql", import.meta.url));
  const reasons = new Set([...sql.matchAll(/problem := '([^']+)'/g)].map(([, reason]) => reason));
  for (const words of [nb, en]) {
    assertEquals(Object.keys(words.log.sealReasons).sort(), [...reasons].sort());
  }
});
