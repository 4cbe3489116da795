import postgres from "postgres";
import { asPlatform } from "../../stack/database/postgres_database.ts";
import { CREATE_PEOPLE, MENTORS, ORGANISATIONS } from "./people.ts";

/** Five years, which touch six partitions. */
const FROM = Date.UTC(2026, 10, 1);
const UNTIL = Date.UTC(2031, 10, 1);
const WORKERS = 2;
/** So many pieces a year, that the workers finish together. */
const PIECES = 4;

interface Restorable {
  readonly drop: string;
  readonly create: string;
}

/**
 * Fills the log of an otherwise empty database with invented attempts, evenly over five years, in the order of their
 * time, or with those of the beginning of that time: 97 % success, 2 % failure, 1 % dead letters. Straight into the partitions, without triggers, indexes and checks,
 * which are put back as they were (the checks without a look at the rows).
 *
 * @param perFiveYears how many there are in all
 * @param rows the first of them
 */
export async function loadLog(
  databaseUrl: string,
  perFiveYears: number,
  rows = perFiveYears,
): Promise<void> {
  // Checkpoints are not the owner's to make, and two minutes are not enough for an index of ten million rows.
  const sql = postgres(asPlatform(databaseUrl), {
    max: WORKERS,
    onnotice: () => {},
    connection: { synchronous_commit: "off", maintenance_work_mem: "256MB" },
  });
  try {
    await sql.unsafe(CREATE_PEOPLE);
    const constraints = await readConstraints(sql);
    const indexes = await readIndexes(sql);
    for (const { drop } of [...constraints, ...indexes]) await sql.unsafe(drop);
    await shareOut(pieces(perFiveYears, rows), (piece) => insert(sql, piece));
    await sql.unsafe(constraints.map(({ create }) => create).join(";"));
    await shareOut(indexes, ({ create }) => sql.unsafe(create));
    // Statistics of the parent and of each partition, and the visibility that an index-only scan relies on.
    await sql.unsafe("vacuum (analyze) public.hlf_sync_audit_log");
    await sql.unsafe("analyze public.organisation_members");
    await sql.unsafe("checkpoint");
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function readConstraints(sql: postgres.Sql): Promise<Restorable[]> {
  return [
    ...await sql<Restorable[]>`
      select
        format('alter table public.hlf_sync_audit_log drop constraint %I', conname) as drop,
        format('alter table public.hlf_sync_audit_log add constraint %I %s %s', conname, pg_get_constraintdef(oid),
          case when contype = 'c' then 'not valid' end) as create
      from pg_constraint
      where conrelid = 'public.hlf_sync_audit_log'::regclass and contype in ('c', 'p')
    `,
  ];
}

async function readIndexes(sql: postgres.Sql): Promise<Restorable[]> {
  return [
    ...await sql<Restorable[]>`
      select
        format('drop index %s', indexrelid::regclass) as drop,
        replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') as create
      from pg_index
      where indrelid = 'public.hlf_sync_audit_log'::regclass and not indisprimary
    `,
  ];
}

/** Numbers of attempts, both ends included, all of one year. */
interface Piece {
  readonly year: number;
  readonly first: number;
  readonly last: number;
  readonly millisecondsApart: number;
}

function pieces(perFiveYears: number, rows: number): Piece[] {
  const millisecondsApart = (UNTIL - FROM) / perFiveYears;
  const firstAfter = (time: number) =>
    Math.min(Math.max(Math.ceil((time - FROM) / millisecondsApart), 0), rows);
  const result: Piece[] = [];
  for (let year = 2026; year <= 2031; year++) {
    const start = firstAfter(Date.UTC(year, 0, 1));
    const end = firstAfter(Date.UTC(year + 1, 0, 1));
    const size = Math.ceil((end - start) / PIECES);
    for (let first = start; first < end; first += size) {
      result.push({ year, first, last: Math.min(first + size, end) - 1, millisecondsApart });
    }
  }
  return result;
}

async function insert(sql: postgres.Sql, piece: Piece): Promise<void> {
  const { year, first, last, millisecondsApart } = piece;
  await sql.begin(async (transaction) => {
    await transaction.unsafe("set local session_replication_role = replica");
    await transaction.unsafe(`
      insert into hlf_sync.audit_log_${year} (
        id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, error_message,
        triggered_by_event, created_at
      )
      select
        (lpad(to_hex(ms), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid,
        ('10000000-0000-4000-8000-' || lpad(to_hex(mentor % ${ORGANISATIONS}), 12, '0'))::uuid,
        ('20000000-0000-4000-8000-' || lpad(to_hex(mentor), 12, '0'))::uuid,
        case when chance % 2 = 0 then 'remove' else 'restore' end::public.hlf_sync_operation,
        case when chance < 9700 then 204 else 503 end,
        case when chance < 9900 then 0 else 8 end,
        case when chance < 9700 then 'success' when chance < 9900 then 'failure' else 'dead_lettered' end
          ::public.hlf_sync_outcome,
        case when chance >= 9700 then 'unavailable code=0x80044150' end,
        'status_change:paused',
        to_timestamp(ms / 1000.0)
      from (
        select
          (${FROM} + floor(i * ${millisecondsApart}))::bigint as ms,
          md5(i::text) as hash,
          (hashint8(i) & 2147483647) % 10000 as chance,
          (hashint8(i + 777777777777) & 2147483647) % ${MENTORS} as mentor
        from generate_series(${first}::bigint, ${last}::bigint) as i
      ) as attempt
    `);
  });
}

/** Lets the workers take the next task whenever they are done with one. */
async function shareOut<T>(tasks: readonly T[], run: (task: T) => Promise<unknown>): Promise<void> {
  const left = [...tasks];
  await Promise.all(Array.from({ length: WORKERS }, async () => {
    for (let task = left.shift(); task !== undefined; task = left.shift()) await run(task);
  }));
}
