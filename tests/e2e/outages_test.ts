import { assertEquals } from "@std/assert";
import { startConfiguredStack } from "../../stack/configured_stack.ts";
import { readDocumentedOutages } from "./outages/documented_outages.ts";
import { OUTAGES } from "./outages/all.ts";
import { complaints, play } from "./outages/play.ts";
import { OutageDoctor } from "./outages/outage_doctor.ts";
import { QUICK_FUNCTION, Stage } from "./outages/stage.ts";

/** To play some of them: a pattern of their names. */
const only = new RegExp(Deno.env.get("HLF_OUTAGES") ?? "");

// PGlite leaves exit codes of its own behind, which Deno would take for the test's.
Deno.test({ name: "outages", sanitizeExit: false }, async (t) => {
  const documented = await readDocumentedOutages();
  assertEquals(
    OUTAGES.map(({ name }) => name).toSorted(),
    documented.map(({ name }) => name).toSorted(),
    "the outages that are played are those of the documented table",
  );
  const stack = await startConfiguredStack({
    functionEnvironment: QUICK_FUNCTION,
    cron: "by hand",
    websiteCacheSeconds: 0,
  });
  const doctor = await OutageDoctor.call(stack);
  try {
    const stage = await Stage.set(stack);
    for (const expected of documented.filter(({ name }) => only.test(name))) {
      const outage = OUTAGES.find(({ name }) => name === expected.name);
      if (outage === undefined) throw new Error(`Nobody plays ${expected.name}`);
      await t.step({
        name: outage.name,
        sanitizeExit: false,
        async fn() {
          const played = await play(stage, doctor, outage, expected);
          assertEquals(complaints(played, expected), []);
        },
      });
    }
  } finally {
    await doctor.leave();
    await stack.stop();
    Deno.exitCode = 0;
  }
});
