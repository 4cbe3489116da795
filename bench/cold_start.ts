import { bundle } from "../stack/functions/bundle.ts";
import { REAL_FUNCTION, spawnFunction } from "./function_process.ts";
import type { Ground } from "./ground.ts";
import { BenchError } from "./errors.ts";
import { byTurns } from "./rounds.ts";
import { median, range } from "./statistics.ts";
import { figure, type Section } from "./table.ts";

const BARE_SOURCE = "bench/bare_import/index.ts";
const BARE_IMPORT = "bench/bare_import/dist/index.js";
const SOURCE = "supabase/functions/hlf-sync/index.ts";

/**
 * From starting the process to its first answer: the function from its files and as the bundle that is deployed, beside a
 * bundle that only imports what the function cannot do without.
 */
export async function measureColdStart(
  ground: Ground,
  { rounds }: { rounds: number },
): Promise<Section> {
  await bundle(BARE_SOURCE, BARE_IMPORT, { tell: console.error });
  // Once each beforehand, so that nothing is read from the disk for the first time.
  for (const program of [REAL_FUNCTION, SOURCE, BARE_IMPORT]) await startOnce(ground, program);
  const starts = await byTurns(rounds, {
    bare: () => startOnce(ground, BARE_IMPORT),
    source: () => startOnce(ground, SOURCE),
    bundle: () => startOnce(ground, REAL_FUNCTION),
  });
  const ratio = (values: readonly number[]) =>
    figure(median(values.map((value, round) => value / (starts.bare[round] ?? NaN))));
  const row = (name: string, values: readonly number[]) => [
    name,
    figure(median(values)),
    range(values).map(figure).join(" – "),
  ];
  return {
    title: "Cold start",
    header: ["", "ms to the first answer", "least – most", "× bare import"],
    rows: [
      [...row("imports postgrest-js and zod/mini, one bundle", starts.bare), "1"],
      [...row("hlf-sync from its files", starts.source), ratio(starts.source)],
      [...row("hlf-sync as deployed, one bundle", starts.bundle), ratio(starts.bundle)],
    ],
    notes: [
      `Medians of ${rounds} starts each by turns; the answer is the 202 to a nudge with the secret key. Modules come ` +
      "from Deno's cache on disk where they are not bundled.",
    ],
  };
}

async function startOnce(ground: Ground, program: string): Promise<number> {
  const startedAt = performance.now();
  const { process, url } = spawnFunction(program, ground.environment);
  try {
    const status = await firstAnswer(url, ground.stack.secretKey, startedAt + 30_000);
    const milliseconds = performance.now() - startedAt;
    if (status !== 202) {
      throw new BenchError(`${program} answered ${status} at first`, "unexpected_result");
    }
    return milliseconds;
  } finally {
    await process.stop("SIGKILL");
  }
}

async function firstAnswer(url: string, secretKey: string, deadline: number): Promise<number> {
  const { hostname, port } = new URL(url);
  while (performance.now() < deadline) {
    try {
      (await Deno.connect({ hostname, port: Number(port) })).close();
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", apikey: secretKey },
    body: JSON.stringify({ type: "sweep" }),
  });
  await response.body?.cancel();
  return response.status;
}
