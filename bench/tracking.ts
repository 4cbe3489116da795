/**
 * What the database does with 100,000 mentors when some change, each minute, and for a claim; beside the state before the ports
 * where a checkout of it is named. Each has a server of its own, and they take turns.
 *
 * Measured is the processor time of the session's own process, which other work on the machine makes little longer.
 *
 * @module
 */
import { resolve } from "node:path";
import postgres from "postgres";
import { runCommand } from "../tasks/run_command.ts";
import { type PostgresServer, startPostgresServer } from "../stack/postgres/server.ts";
import { bootstrapDatabase } from "../stack/database/bootstrap.ts";
import { applyMigrations } from "../stack/database/migrations.ts";
import { openPostgresDatabase } from "../stack/database/postgres_database.ts";
import { projectPath } from "../stack/machine/project_path.ts";
import { millisecondsOf } from "./processor_time.ts";
import { byTurns } from "./rounds.ts";
import { median } from "./statistics.ts";
import { figure, toMarkdown } from "./table.ts";

const MENTORS = Number(Deno.env.get("HLF_BENCH_MENTORS") ?? 100_000);
const ROUNDS = Number(Deno.env.get("HLF_BENCH_ROUNDS") ?? 60);
const ORGANISATION = "00000000-0000-4000-8000-00000000000a";
/** Whose rows are due, and whom nobody claims for, because it is switched off. */
const SWITCHED_OFF = "00000000-0000-4000-8000-00000000000b";

/** The names before and behind the ports. */
interface Names {
  readonly switchOn: string;
  readonly switchOff: string;
  readonly untracked: string;
  readonly repair: string;
  readonly attempts: string;
  readonly confirmProject: string;
}

const NAMES: Readonly<Record<"private" | "hlf_sync", Names>> = {
  private: {
    switchOn: "select",
    switchOff:
      `update public.organisations set hlf_sync_enabled = false where id = '${SWITCHED_OFF}'`,
    untracked: "private.find_untracked_mentors()",
    repair: "private.repair_hlf_sync_state()",
    attempts: "private.hlf_sync_attempts",
    confirmProject: "select private.is_own_project('https://example.supabase.co')",
  },
  hlf_sync: {
    switchOn: `select hlf_sync.switch_on('${ORGANISATION}')`,
    switchOff: "select",
    untracked: "hlf_sync.find_untracked_mentors()",
    repair: "hlf_sync.repair_state()",
    attempts: "hlf_sync.attempts",
    confirmProject: "select hlf_sync.is_own_project('https://example.supabase.co')",
  },
};

const TURN = `update public.mentors set status =
  case status when 'active' then 'paused' else 'active' end::public.mentor_status`;
const CLAIM = "select * from public.claim_hlf_sync_attempts(20, 60, 8)";

/** A server with all mentors in sync, and one session, which is measured. */
class Candidate {
  readonly #server: PostgresServer;
  readonly #sql: postgres.Sql;
  readonly #pid: number;
  readonly #names: Names;

  private constructor(server: PostgresServer, sql: postgres.Sql, pid: number, names: Names) {
    this.#server = server;
    this.#sql = sql;
    this.#pid = pid;
    this.#names = names;
  }

  static async start(checkout: string): Promise<Candidate> {
    const server = await startPostgresServer();
    const database = await openPostgresDatabase(server.databaseUrl);
    await bootstrapDatabase(database);
    await applyMigrations(database, `${checkout}/supabase/migrations`);
    await database.close();
    const sql = postgres(server.databaseUrl, { max: 1, onnotice: () => {} });
    const [row] = await sql<{ schema: "private" | "hlf_sync"; pid: number }[]>`
      select case when to_regnamespace('hlf_sync') is null then 'private' else 'hlf_sync' end as schema,
        pg_backend_pid() as pid`;
    if (row === undefined) throw new Error("The server does not answer");
    const candidate = new Candidate(server, sql, row.pid, NAMES[row.schema]);
    await candidate.#load();
    return candidate;
  }

  async #load(): Promise<void> {
    const { switchOn, switchOff, attempts, confirmProject } = this.#names;
    for (
      const statement of [
        // A change nudges the function, as in a project that is in use.
        `select vault.create_secret('http://127.0.0.1:9', 'hlf_sync_function_url'),
          vault.create_secret('sb_secret_invented', 'hlf_sync_secret_key')`,
        confirmProject,
        `insert into public.organisations (id, name) values ('${ORGANISATION}', 'A'), ('${SWITCHED_OFF}', 'B')`,
        switchOn,
        switchOff,
        `insert into public.mentors (organisation_id, full_name, status)
        select '${ORGANISATION}', 'Invented ' || n, (case n % 2 when 0 then 'active' else 'paused' end)::public.mentor_status
        from generate_series(1, ${MENTORS}) as n`,
        `update public.hlf_sync_state set due_at = null, confirmed_operation = wanted_operation,
          confirmed_generation = generation, confirmed_at = now() - interval '1 day' where true`,
        "delete from net.http_request_queue where true",
        "vacuum full analyze public.mentors",
        "vacuum full analyze public.hlf_sync_state",
        `vacuum full analyze ${attempts}`,
      ]
    ) {
      await this.#sql.unsafe(statement);
    }
  }

  /** As many more mentors of the organisation that is switched off, all of whom are wanted otherwise than confirmed. */
  async addSwitchedOff(count: number): Promise<void> {
    await this.#sql.unsafe(
      `insert into public.mentors (organisation_id, full_name)
      select '${SWITCHED_OFF}', 'Invented ' || n from generate_series(1, ${count}) as n`,
    );
    await this.#sql.unsafe("vacuum analyze public.hlf_sync_state");
  }

  /** Milliseconds of processor time that the statement takes. */
  async measure(statement: string): Promise<number> {
    const before = millisecondsOf(this.#pid);
    await this.#sql.unsafe(statement);
    return millisecondsOf(this.#pid) - before;
  }

  /** The full comparison alone. */
  compare(): Promise<number> {
    return this.measure(`select count(*) from ${this.#names.untracked}`);
  }

  /** What a sweep does with it, where nothing is wrong. */
  repair(): Promise<number> {
    return this.measure(`select ${this.#names.repair}`);
  }

  /** So many mentors change in one statement; others in each round. */
  async change(count: number, round: number): Promise<number> {
    const time = await this.measure(
      `${TURN} where id in (select id from public.mentors where organisation_id = '${ORGANISATION}'
        order by id limit ${count} offset ${round * count % MENTORS})`,
    );
    await this.#tidy();
    return time;
  }

  /** One of several mentors who change one after the other, by a statement each; others in each round. */
  async changeSingly(count: number, round: number): Promise<number> {
    const ids = await this.#sql<{ id: string }[]>`select id from public.mentors
      where organisation_id = ${ORGANISATION} order by id limit ${count} offset ${
      round * count % MENTORS
    }`;
    let time = 0;
    for (const { id } of ids) time += await this.measure(`${TURN} where id = '${id}'`);
    await this.#tidy();
    return time / count;
  }

  /** Twenty of forty who are due. */
  async claim(round: number): Promise<number> {
    await this.change(40, round);
    await this.#sql.unsafe(
      `update public.hlf_sync_state set due_at = now() where mentor_id in (select id from public.mentors
        where organisation_id = '${ORGANISATION}' order by id limit 40 offset ${
        round * 40 % MENTORS
      })`,
    );
    const time = await this.measure(CLAIM);
    await this.#tidy();
    return time;
  }

  /** Leaves nobody due or in flight but those of the organisation that is switched off. */
  async #tidy(): Promise<void> {
    await this.#sql.unsafe(`delete from ${this.#names.attempts} where true`);
    await this.#sql.unsafe(
      `update public.hlf_sync_state set in_flight_attempt_id = null, due_at = null
      where organisation_id = '${ORGANISATION}' and (in_flight_attempt_id is not null or due_at is not null)`,
    );
    await this.#sql.unsafe("delete from net.http_request_queue where true");
  }

  async stop(): Promise<void> {
    await this.#sql.end({ timeout: 5 });
    await this.#server.stop();
  }
}

type Work = (candidate: Candidate, round: number) => Promise<number>;

const WORK: Readonly<Record<string, Work>> = {
  "Full comparison": (candidate) => candidate.compare(),
  "The sweep's repair, nothing wrong": (candidate) => candidate.repair(),
  "One status change": (candidate, round) => candidate.changeSingly(20, round),
  "1,000 changes in a statement": (candidate, round) => candidate.change(1000, round),
  "Claim of 20": (candidate, round) => candidate.claim(round),
};

/** The candidates' times, round by round. */
async function measureByTurns(
  candidates: readonly Candidate[],
  work: Work,
  rounds: number,
): Promise<number[][]> {
  const times = await byTurns(
    rounds,
    Object.fromEntries(
      candidates.map((candidate, index) => [index, (round: number) => work(candidate, round)]),
    ),
  );
  return candidates.map((_, index) => times[index] ?? []);
}

function describe(what: string, times: readonly (readonly number[])[]): string[] {
  const [now = [], before] = times;
  const ratios = before?.map((time, round) => (now[round] ?? NaN) / time);
  return [
    what,
    figure(median(now)),
    before === undefined ? "" : figure(median(before)),
    ratios === undefined ? "" : `${figure(median(ratios))} ×`,
  ];
}

await runCommand(async () => {
  const candidates: Candidate[] = [];
  try {
    for (
      const checkout of [
        projectPath("."),
        ...Deno.args.slice(0, 1).map((path) => resolve(path)),
      ]
    ) {
      candidates.push(await Candidate.start(checkout));
    }
    const rows: string[][] = [];
    for (const [what, work] of Object.entries(WORK)) {
      rows.push(describe(what, await measureByTurns(candidates, work, ROUNDS)));
    }
    for (const candidate of candidates) await candidate.addSwitchedOff(MENTORS / 2);
    const claim: Work = (candidate, round) => candidate.claim(round);
    rows.push(
      describe(
        "Claim of 20 beside 50,000 that are switched off",
        await measureByTurns(candidates, claim, ROUNDS),
      ),
    );
    console.log(toMarkdown({
      title: `The database's share, ${MENTORS.toLocaleString("en")} mentors`,
      header: ["", "now", "before", "now : before"],
      rows,
      notes: [
        `Milliseconds of processor time of the session's process; medians of ${ROUNDS} rounds by turns, ratios of each round.`,
      ],
    }));
    return 0;
  } finally {
    for (const candidate of candidates) await candidate.stop();
  }
});
