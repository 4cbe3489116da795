/**
 * What the database does by itself: each minute, for a change, to verify the log, and at the end of a night that finds everybody
 * drifted; with 100,000 mentors and two million rows in the log of this year.
 *
 * Measured is the processor time of the session's own process, which other work on the machine makes little longer.
 *
 * @module
 */
import postgres from "postgres";
import { openPostgresDatabase } from "../stack/database/postgres_database.ts";
import { prepareDatabase } from "../stack/database/prepare_database.ts";
import { ORGANISATION_A } from "../stack/observe.ts";
import { startPostgresServer } from "../stack/postgres/server.ts";
import { runCommand } from "../tasks/run_command.ts";
import { millisecondsOf } from "./processor_time.ts";
import { median } from "./statistics.ts";
import { figure, toMarkdown } from "./table.ts";

const MENTORS = Number(Deno.env.get("HLF_BENCH_MENTORS") ?? 100_000);
const ROWS = Number(Deno.env.get("HLF_BENCH_ROWS") ?? 2_000_000);

const MENTORS_IN_SYNC = [
  // A change nudges the function, as in a project that is in use.
  `select vault.create_secret('http://127.0.0.1:9', 'hlf_sync_function_url'),
    vault.create_secret('sb_secret_invented', 'hlf_sync_secret_key')`,
  "select hlf_sync.is_own_project('https://example.supabase.co')",
  "delete from public.mentors where true",
  `insert into public.organisations (id, name) values ('${ORGANISATION_A}', 'A') on conflict do nothing`,
  `select hlf_sync.switch_on('${ORGANISATION_A}')`,
  `insert into public.mentors (organisation_id, full_name, status)
   select '${ORGANISATION_A}', 'Invented ' || n, (case n % 2 when 0 then 'active' else 'paused' end)::public.mentor_status
   from generate_series(1, ${MENTORS}) as n`,
  `update public.hlf_sync_state set due_at = null, confirmed_operation = wanted_operation,
     confirmed_generation = generation, confirmed_at = now() - interval '1 day' where true`,
  "delete from net.http_request_queue where true",
  `create temporary table places as
   select mentor_id, row_number() over () as place from public.hlf_sync_state`,
  "create unique index on places (place)",
];

/** Each attempt is locked until its transaction ends, so there are only so many in one. */
const PIECE = 2000;
/** Evenly over the last half year, of mentors that there are. */
const LOG_PIECE = `insert into public.hlf_sync_audit_log (
     id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, triggered_by_event, created_at
   )
   select (lpad(to_hex(ms), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
     '${ORGANISATION_A}', s.mentor_id, 'remove', 204, 0, 'success', 'status_change:paused', to_timestamp(ms / 1000.0)
   from (
     select n, (extract(epoch from now()) * 1000 - 180 * 86400000.0 * n / ${ROWS})::bigint as ms
     from generate_series($1::integer, $1::integer + ${PIECE} - 1) as n
   ) as attempt
   join places as s on s.place = 1 + n % ${MENTORS}`;
/** Each mentor is listed as the app does not want it. */
const EVERYBODY_DRIFTED =
  `insert into hlf_sync.listings (reader, mentor_id, is_published, is_addressable)
  select $1::uuid, s.mentor_id, s.wanted_operation = 'remove', true from public.hlf_sync_state as s`;

/** One session, whose process is measured. */
class Session {
  readonly #sql: postgres.Sql;

  constructor(url: string) {
    this.#sql = postgres(url, { max: 1, onnotice: () => {} });
  }

  async run(statement: string, parameters: string[] = []) {
    return await this.#sql.unsafe(statement, parameters);
  }

  /** Milliseconds of processor time, and of waiting for it. */
  async measure(statement: string, parameters: string[] = []): Promise<[number, number]> {
    const [row] = await this.#sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const spent = () => millisecondsOf(row?.pid ?? NaN);
    const [before, startedAt] = [spent(), performance.now()];
    await this.#sql.unsafe(statement, parameters);
    return [spent() - before, performance.now() - startedAt];
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: 5 });
  }
}

async function medians(rounds: number, once: (round: number) => Promise<[number, number]>) {
  const times: [number, number][] = [];
  for (let round = 0; round < rounds; round++) times.push(await once(round));
  return [median(times.map(([work]) => work)), median(times.map(([, wait]) => wait))];
}

await runCommand(async () => {
  const server = await startPostgresServer();
  try {
    const url = await server.createDatabase("share");
    const database = await openPostgresDatabase(url);
    await prepareDatabase(database);
    await database.close();
    const session = new Session(url);
    for (const statement of MENTORS_IN_SYNC) await session.run(statement);
    for (let first = 1; first <= ROWS; first += PIECE) await session.run(LOG_PIECE, [`${first}`]);
    for (const statement of ["select hlf_sync.seal_audit_log()", "vacuum analyze"]) {
      await session.run(statement);
    }
    const rows: string[][] = [];
    const note = async (what: string, atMost: string, measured: Promise<number[]>) => {
      rows.push([what, ...(await measured).map((time) => figure(time)), atMost]);
    };
    await note(
      "The sweep at rest",
      "150",
      medians(15, () => session.measure("select hlf_sync.sweep()")),
    );
    await note(
      "The watchdog at rest",
      "",
      medians(15, () => session.measure("select hlf_sync.watch()")),
    );
    const ids = await session.run("select id from public.mentors order by id limit 200");
    await note(
      "One status change",
      "0.6",
      medians(200, (round) =>
        session.measure(
          "update public.mentors set status = case status when 'active' then 'paused' else 'active' end::public.mentor_status where id = $1",
          [ids[round]?.id],
        )),
    );
    await session.run("update public.hlf_sync_state set due_at = null where due_at is not null");
    const days = await session.run(
      "select day::text from public.hlf_sync_audit_seals order by day desc offset 10 limit 15",
    );
    await note(
      "Verifying one day",
      "45",
      medians(
        15,
        (round) =>
          session.measure("select * from hlf_sync.verify_audit($1::date, $1::date)", [
            days[round]?.day,
          ]),
      ),
    );
    await note(
      "The nightly verification",
      "",
      medians(3, () => session.measure("select hlf_sync.check_audit_seals()")),
    );
    const [night] = await session.run("select public.begin_hlf_reconciliation(600) as reader");
    await session.run(EVERYBODY_DRIFTED, [night?.reader]);
    await note(
      `The end of a night with ${MENTORS.toLocaleString("en")} drifts`,
      "8,000 (to wait)",
      medians(1, () =>
        session.measure("select * from public.finish_hlf_reconciliation($1::uuid)", [
          night?.reader,
        ])),
    );
    const [found] = await session.run(
      "select count(*)::integer as count from public.hlf_sync_drifts",
    );
    await session.close();
    console.log(toMarkdown({
      title: `The database by itself: ${MENTORS.toLocaleString("en")} mentors, ${
        ROWS.toLocaleString("en")
      } rows`,
      header: ["", "ms of processor time", "ms to wait", "at most"],
      rows,
      notes: [`Medians; the night found ${found?.count} drifts.`],
    }));
    return 0;
  } finally {
    await server.stop();
  }
});
