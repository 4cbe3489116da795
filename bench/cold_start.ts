import { bundle } from "../local/stack/bundle.ts";
import { REAL_FUNCTION, spawnFunction } from "./function_process.ts";
import type { Ground } from "./ground.ts";
import { BenchError } from "./errors.ts";
import { byTurns } from "./rounds.ts";
import { median, range } from "./statistics.ts";
import { figure, type Section } from "./table.ts";

const BARE_SOURCE = "bench/bare_import/index.ts";
const BARE_IMPORT = "bench/bare_import/dist/index.js";

/** From starting the process to its first answer, beside a function that only imports supabase-js. */
export async function measureColdStart(
  ground: Ground,
  { rounds }: { rounds: number },
): Promise<Section> {
  await bundle(BARE_SOURCE, BARE_IMPORT, { tell: console.log });
  // Once each beforehand, so that nothing is read from the disk for the first time.
  for (const program of [REAL_FUNCTION, BARE_IMPORT]) await startOnce(ground, program);
  const starts = await byTurns(rounds, {
    bare: () => startOnce(ground, BARE_IMPORT),
    function: () => startOnce(ground, REAL_FUNCTION),
  });
  const ratio = median(starts.function.map((value, round) => value / (starts.bare[round] ?? NaN)));
  const row = (name: string, values: readonly number[]) => [
    name,
    figure(median(values)),
    range(values).map(figure).join(" – "),
  ];
  return {
    title: "Cold start",
    header: ["", "ms to the first answer", "least – most", "× bare import"],
    rows: [
      [...row("imports supabase-js and serves", starts.bare), "1"],
      [...row("hlf-sync", starts.function), figure(ratio)],
    ],
    notes: [
      `Medians of ${rounds} starts each by turns; the answer is the 202 to a nudge with the secret key. Both are ` +
      "bundles, as deployed.",
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
