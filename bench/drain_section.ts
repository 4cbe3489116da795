import { type Drained, drainWithFunction, drainWithProgram } from "./drain.ts";
import { DYNAMICS_SECONDS, type Ground, IN_FLIGHT } from "./ground.ts";
import { GRAPHILE_SETTINGS, PG_BOSS_SETTINGS } from "./programs/rival_settings.ts";
import { byTurns } from "./rounds.ts";
import { median, range } from "./statistics.ts";
import { figure, percent, type Section } from "./table.ts";

const NAMES = {
  ceiling: "ceiling: the same requests, no database",
  function: "hlf-sync over the stand-in for REST",
  postgrest: "hlf-sync over PostgREST",
  direct: "hlf-sync, its RPCs on Postgres directly",
  graphile: "graphile-worker",
  boss: "pg-boss",
} as const;

/** A backlog, worked off by the function, by its rivals and by a bare loop. */
export async function measureDrain(
  ground: Ground,
  { jobs, rounds }: { jobs: number; rounds: number },
): Promise<Section> {
  const ids = await ground.fill(jobs);
  const drains: Record<string, () => Promise<Drained>> = {
    ceiling: () => drainWithProgram(ground, "ceiling", ids),
    function: () => drainWithFunction(ground, jobs),
    ...(ground.postgrest !== null && {
      postgrest: () => drainWithFunction(ground, jobs, { way: "postgrest" }),
    }),
    graphile: () => drainWithProgram(ground, "graphile_worker", ids),
    direct: () => drainWithFunction(ground, jobs, { way: "direct" }),
    boss: () => drainWithProgram(ground, "pg_boss", ids),
  };
  const drained = await byTurns(rounds, drains);
  const of = (name: keyof typeof NAMES) => drained[name] ?? [];
  const ratio = (name: keyof typeof NAMES, to: keyof typeof NAMES) =>
    median(
      of(name).map(({ syncsPerSecond }, round) =>
        syncsPerSecond / (of(to)[round]?.syncsPerSecond ?? NaN)
      ),
    );
  const names = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter((name) => name in drained);
  return {
    title:
      `Drain: ${figure(jobs)} due mentors, Dynamics answering in ${DYNAMICS_SECONDS * 1000} ms, ` +
      `${IN_FLIGHT} in flight`,
    header: [
      "",
      "syncs/s",
      "least – most",
      "of ceiling",
      "× graphile",
      "round trips",
      ...PROCESSORS.map(([, head]) => head),
    ],
    rows: names.map((name) => {
      const rates = of(name).map(({ syncsPerSecond }) => syncsPerSecond);
      return [
        NAMES[name],
        figure(median(rates)),
        range(rates).map(figure).join(" – "),
        percent(ratio(name, "ceiling")),
        figure(ratio(name, "graphile")),
        roundTripCell(of(name)),
        ...processorCells(of(name)),
      ];
    }),
    notes: [
      `Medians of ${rounds} rounds by turns; ratios are those of each round. Round trips are requests to the stand-in for ` +
      "REST. The last four columns are milliseconds of " +
      "processor time for each sync, of which two processors have 2,000 in a second: the worker itself, what plays " +
      "PostgREST (the bench's own process) or PostgREST itself, Postgres, and the simulated Dynamics.",
      `graphile-worker 0.18.0: \`${JSON.stringify(GRAPHILE_SETTINGS)}\`. pg-boss 12.38.0: ` +
      `\`${
        JSON.stringify(PG_BOSS_SETTINGS)
      }\`. Both in a Deno process of their own, with one awaited audit insert in ` +
      "each job on a pool of their own.",
    ],
  };
}

const PROCESSORS = [
  ["worker", "worker"],
  ["bench", "REST"],
  ["postgres", "Postgres"],
  ["dynamics", "Dynamics"],
] as const;

/** Whoever goes past the stand-in makes none that it could count. */
function roundTripCell(rounds: readonly Drained[]): string {
  const roundTrips = median(rounds.map((one) => one.roundTrips));
  return roundTrips === 0 ? "" : figure(roundTrips);
}

function processorCells(rounds: readonly Drained[]): string[] {
  return PROCESSORS.map(([role]) =>
    figure(median(rounds.map(({ processor }) => processor[role] ?? 0)))
  );
}

/** Several processes on one backlog. */
export async function measureWorkers(
  ground: Ground,
  { jobs, rounds }: { jobs: number; rounds: number },
): Promise<Section> {
  await ground.fill(jobs);
  const drained = await byTurns(rounds, {
    "1": () => drainWithFunction(ground, jobs, { processes: 1 }),
    "2": () => drainWithFunction(ground, jobs, { processes: 2 }),
    "4": () => drainWithFunction(ground, jobs, { processes: 4 }),
  });
  const rate = (rounds: readonly Drained[]) => median(rounds.map((one) => one.syncsPerSecond));
  return {
    title: `Workers: processes of the function on one backlog of ${figure(jobs)}`,
    header: ["processes", "syncs/s", "× one process", "syncs of each, last round"],
    rows: (["1", "2", "4"] as const).map((count) => [
      count,
      figure(rate(drained[count])),
      figure(rate(drained[count]) / rate(drained["1"])),
      drained[count].at(-1)?.shares.map(figure).join(", ") ?? "",
    ]),
    notes: [
      `All of them share one cap of ${IN_FLIGHT} requests in flight, as one application user of Dataverse has it, and ` +
      "here two processors. Every mentor was synced and audited exactly once in each round, or the bench had failed.",
    ],
  };
}
