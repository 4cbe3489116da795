import { BenchError } from "./errors.ts";
import { REAL_FUNCTION, startFunction } from "./function_process.ts";
import type { Ground } from "./ground.ts";
import { median } from "./statistics.ts";
import { figure, type Section } from "./table.ts";

interface Night {
  readonly seconds: number;
  readonly idleMegabytes: number;
  readonly peakMegabytes: number;
}

/** One listing in so many differs from what the app wants. */
const DRIFT = 1000;

/** The night's reading of all listings, for a small and a large number of them. */
export async function measureReconciliation(
  ground: Ground,
  { small, large, rounds }: { small: number; large: number; rounds: number },
): Promise<Section> {
  const nights = new Map<number, Night[]>();
  for (const listings of [small, large]) {
    await ground.fill(listings);
    const taken: Night[] = [];
    for (let round = 0; round < rounds; round++) taken.push(await reconcileOnce(ground, listings));
    nights.set(listings, taken);
  }
  const middle = (listings: number, what: keyof Night) =>
    median((nights.get(listings) ?? []).map((night) => night[what]));
  const row = (listings: number) => [
    figure(listings),
    figure(middle(listings, "seconds")),
    figure(middle(listings, "seconds") / listings * 1e6),
    figure(middle(listings, "idleMegabytes")),
    figure(middle(listings, "peakMegabytes")),
  ];
  return {
    title: "Reconciliation",
    header: ["listings", "seconds", "µs each", "MB when idle", "MB at the most"],
    rows: [row(small), row(large), [
      `× ${large / small}`,
      `× ${figure(middle(large, "seconds") / middle(small, "seconds"))}`,
      "",
      "",
      `× ${figure(middle(large, "peakMegabytes") / middle(small, "peakMegabytes"))}`,
    ]],
    notes: [
      `Medians of ${rounds} nights, each in a new process, from the post to the line \`night_finished\`: health check, ` +
      `all pages of 5,000, the comparison in SQL; one listing in ${
        figure(DRIFT)
      } had drifted and was found. Memory is ` +
      "the most that was ever resident (`VmHWM`) of the whole process, of which V8 and Deno take what it shows when idle.",
    ],
  };
}

async function reconcileOnce(ground: Ground, listings: number): Promise<Night> {
  const { stack } = ground;
  await ground.bringInSync({ driftEvery: DRIFT });
  const one = await startFunction(REAL_FUNCTION, ground.environment, stack.secretKey);
  try {
    const idleMegabytes = one.peakMegabytes();
    const finishing = one.event("night_finished", 300);
    const draining = one.event("drain_finished", 300);
    const startedAt = performance.now();
    await one.post({ type: "nightly" });
    const found = await finishing;
    const seconds = (performance.now() - startedAt) / 1000;
    if (found["listings"] !== listings || found["drifts"] !== listings / DRIFT) {
      throw new BenchError(
        `The night found ${found["drifts"]} of ${listings / DRIFT} drifts in ${
          found["listings"]
        } listings`,
        "unexpected_result",
      );
    }
    await draining;
    return { seconds, idleMegabytes, peakMegabytes: one.peakMegabytes() };
  } finally {
    await one.stop();
  }
}
