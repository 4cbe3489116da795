import postgres from "postgres";
import type { Caller } from "./request.ts";

/** One request for a prepared statement. */
interface ServedRequest {
  readonly caller: Caller;
  readonly parameters: readonly string[];
}

/** A connection that answers requests one after another and says how long each took. */
interface Server {
  /** @returns milliseconds of each */
  serve(requests: readonly ServedRequest[]): Promise<readonly number[]>;
  close(): Promise<void>;
}

/**
 * Takes on role and claims, and executes. The clock is the server's, so that neither the network nor this program is in
 * the measurement.
 */
const SERVE = `
create function pg_temp.serve(roles text[], claims text[], statements text[])
returns double precision[]
language plpgsql
as $$
declare
  started timestamptz;
  taken double precision[] := '{}';
begin
  for i in 1..cardinality(statements) loop
    started := clock_timestamp();
    perform set_config('role', roles[i], true), set_config('request.jwt.claims', claims[i], true);
    execute statements[i];
    taken := taken || extract(epoch from clock_timestamp() - started) * 1000;
  end loop;
  perform set_config('role', 'none', true);
  return taken;
end
$$`;

/** Prepares a query as PostgREST does, with its rows as one JSON, on a connection of its own. */
export async function prepareServer(databaseUrl: string, query: string): Promise<Server> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(SERVE);
  await sql.unsafe(`prepare asked as
    with pgrst_source as (${query})
    select coalesce(json_agg(_postgrest_t), '[]')::text as body, count(_postgrest_t) as page_total
    from (select * from pgrst_source) as _postgrest_t`);
  return {
    async serve(requests) {
      const [row] = await sql<{ taken: number[] }[]>`
        select pg_temp.serve(
          ${requests.map(({ caller }) => caller.role)},
          ${
        requests.map(({ caller: { role, subject } }) =>
          JSON.stringify({ role, ...(subject !== undefined && { sub: subject }) })
        )
      },
          ${
        requests.map(({ parameters }) =>
          parameters.length === 0
            ? "execute asked"
            : `execute asked(${parameters.map((text) => `'${text}'`).join(", ")})`
        )
      }
        ) as taken`;
      return row?.taken ?? [];
    },
    close: () => sql.end({ timeout: 5 }),
  };
}
