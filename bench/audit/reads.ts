import type { Caller } from "./request.ts";
import { timeByTurns } from "../rounds.ts";
import { coordinator, mentor, MENTORS, organisation, ORGANISATIONS } from "./people.ts";
import { prepareServer } from "./serve.ts";

/** Its first day and its last. */
export type Month = readonly [first: string, last: string];

/** Something that is read from the log, as a coordinator's page asks for it. */
export interface Read {
  readonly name: string;
  readonly query: string;
  /** What it is asked about a mentor of that number, and the mentor's organisation, when the log is up to that month. */
  readonly parameters: (mentorNumber: number, month: Month) => readonly string[];
  /** Null where the times are told, and nothing is asked of them. */
  readonly limits: { readonly tenfold: number; readonly rls: number } | null;
  /** Part of the name of the index that has to be read, of each partition that is. */
  readonly index: string;
  /** Whether the table itself is left alone. */
  readonly isIndexOnly: boolean;
}

const organisationOf = (mentorNumber: number) => mentorNumber % ORGANISATIONS;

const LIMITS = { tenfold: 1.5, rls: 1.2 };

export const READS: readonly Read[] = [
  {
    name: "summary of an organisation's month",
    query: "select * from public.get_hlf_sync_audit_summary($1, $2, $3)",
    parameters: (n, month) => [organisation(organisationOf(n)), ...month],
    index: "organisation_id_created_at_outcome_idx",
    isIndexOnly: true,
    limits: LIMITS,
  },
  {
    name: "a mentor's last 50 attempts",
    query: `select * from public.hlf_sync_audit_log
      where mentor_id = $1 order by created_at desc limit 50`,
    parameters: (n) => [mentor(n)],
    index: "mentor_id_created_at_idx",
    isIndexOnly: false,
    limits: LIMITS,
  },
  {
    name: "newest 50 dead letters of an organisation",
    query: `select * from public.hlf_sync_audit_log
      where organisation_id = $1 and outcome = 'dead_lettered' order by created_at desc limit 50`,
    parameters: (n) => [organisation(organisationOf(n))],
    index: "organisation_id_created_at_idx",
    isIndexOnly: false,
    limits: LIMITS,
  },
  // Not as pages ask: which of the organisation it may see is found out last.
  {
    name: "newest 50 dead letters, whosesoever",
    query: `select * from public.hlf_sync_audit_log
      where outcome = 'dead_lettered' order by created_at desc limit 50`,
    parameters: () => [],
    index: "organisation_id_created_at_idx",
    isIndexOnly: false,
    limits: null,
  },
];

/** A database that holds a log. */
export interface LoadedLog {
  readonly url: string;
  /** The last whole month but one. */
  readonly month: Month;
}

interface Logs {
  /** Ten million attempts in five years. */
  readonly large: LoadedLog;
  /** The first tenth of them: what the log was like after half a year. */
  readonly young: LoadedLog;
  /** A tenth of the attempts in the same five years. */
  readonly sparse: LoadedLog;
}

interface ReadTimes {
  readonly read: Read;
  /** Milliseconds. */
  readonly young: number;
  readonly sparse: number;
  readonly large: number;
  readonly largeWithoutRls: number;
}

/** So many requests one after another, before it is another's turn. */
const IN_A_ROW = 10;

/**
 * Asks for everything by turns: of each log, and of the large one without row level security, too.
 *
 * @param rounds each of ten requests
 */
export async function timeReads(logs: Logs, rounds: number): Promise<ReadTimes[]> {
  const asked = { ...logs, largeWithoutRls: logs.large };
  const results: ReadTimes[] = [];
  for (const read of READS) {
    // A connection each, as a plan is made anew whenever the role changes.
    const servers = {
      young: await prepareServer(asked.young.url, read.query),
      sparse: await prepareServer(asked.sparse.url, read.query),
      large: await prepareServer(asked.large.url, read.query),
      largeWithoutRls: await prepareServer(asked.largeWithoutRls.url, read.query),
    };
    try {
      const ask = (server: keyof typeof servers, offset: number) => (round: number) =>
        servers[server].serve(Array.from({ length: IN_A_ROW }, (_, i) => {
          // Each asks about other mentors, so that nobody finds the pages that a neighbour has just read.
          const number = ((round * IN_A_ROW + i) * 7919 + offset) % MENTORS;
          const caller: Caller = server === "largeWithoutRls"
            ? { role: "service_role" }
            : { role: "authenticated", subject: coordinator(organisationOf(number)) };
          return { caller, parameters: read.parameters(number, asked[server].month) };
        }));
      const candidates = {
        young: ask("young", 0),
        sparse: ask("sparse", 1),
        large: ask("large", 2),
        largeWithoutRls: ask("largeWithoutRls", 3),
      };
      await timeByTurns(5, candidates);
      results.push({ read, ...await timeByTurns(rounds, candidates) });
    } finally {
      for (const server of Object.values(servers)) await server.close();
    }
  }
  return results;
}
