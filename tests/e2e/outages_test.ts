import { assertEquals } from "@std/assert";
import { stackTest } from "../stack_test_frame.ts";
import { readDocumentedOutages } from "./outages/documented_outages.ts";
import { OUTAGES } from "./outages/all.ts";
import { complaints, play } from "./outages/play.ts";
import { OutageDoctor } from "./outages/outage_doctor.ts";
import { QUICK_FUNCTION, Stage } from "./outages/stage.ts";

/** To play some of them: a pattern of their names. */
const only = new RegExp(Deno.env.get("HLF_OUTAGES") ?? "");

stackTest(
  "outages",
  { functionEnvironment: QUICK_FUNCTION, cron: "by hand" },
  async (stack, step) => {
    const documented = await readDocumentedOutages();
    assertEquals(
      OUTAGES.map(({ name }) => name).toSorted(),
      documented.map(({ name }) => name).toSorted(),
      "the outages that are played are those of the documented table",
    );
    const doctor = await OutageDoctor.call(stack);
    try {
      const stage = await Stage.set(stack);
      for (const expected of documented.filter(({ name }) => only.test(name))) {
        const outage = OUTAGES.find(({ name }) => name === expected.name);
        if (outage === undefined) throw new Error(`Nobody plays ${expected.name}`);
        await step(outage.name, async () => {
          const played = await play(stage, doctor, outage, expected);
          assertEquals(complaints(played, expected), []);
        });
      }
    } finally {
      await doctor.leave();
    }
  },
);
