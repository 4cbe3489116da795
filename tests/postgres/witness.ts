import type { StackDatabase } from "../../stack/database/database.ts";

/** What a table holds: how many rows, and a checksum of all their bytes. */
interface TableRows {
  readonly count: number;
  readonly digest: string;
}

/** The rows of every table of the project and of the users, partitions by name. */
export async function readRows(database: StackDatabase): Promise<Map<string, TableRows>> {
  const tables = await database.query<{ name: string }>(`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname in ('public', 'hlf_sync', 'auth')
    order by n.nspname, c.relname`);
  const rows = new Map<string, TableRows>();
  for (const { name } of tables) {
    const [all] = await database.query<TableRows>(`
      select count(*)::integer as count,
        md5(coalesce(string_agg(t::text, e'\\n' order by t::text collate "C"), '')) as digest
      from ${name} as t`);
    if (all !== undefined) rows.set(name, all);
  }
  return rows;
}

/** The jobs of pg_cron, by name, without the ids of this database. */
export function readJobs(database: StackDatabase): Promise<unknown[]> {
  return database.query(
    "select jobname, schedule, command, username, active from cron.job order by jobname",
  );
}

/** Runs each job once, as pg_cron does when its time has come: as a session of its own, its statements one by one. */
export async function runJobs(database: StackDatabase): Promise<void> {
  const jobs = await database.query<{ command: string }>(
    "select command from cron.job where active order by jobid",
  );
  for (const { command } of jobs) await database.run(command);
}

/** What waits to be sent: URL, and the type of a call of the function or the text of a message. */
export async function readRequests(database: StackDatabase): Promise<[string, string][]> {
  const rows = await database.query<{ url: string; what: string }>(`
    select distinct url, coalesce(sent ->> 'type', sent ->> 'text') as what
    from net.http_request_queue
    cross join lateral (select convert_from(body, 'UTF8')::jsonb as sent) as request
    order by url, what`);
  return rows.map(({ url, what }) => [url, what]);
}

/** Empties pg_net's queue. */
export async function forgetRequests(database: StackDatabase): Promise<void> {
  await database.query("delete from net.http_request_queue where true");
}

/** Claims as the function of a project does; the mentors that it got. */
export async function claim(database: StackDatabase, projectUrl: string): Promise<string[]> {
  const rows = await database.query<{ mentor_id: string }>(
    "select mentor_id from public.claim_hlf_sync_attempts(10, 600, 8, project_url => $1::text) order by mentor_id",
    [projectUrl],
  );
  return rows.map(({ mentor_id }) => mentor_id);
}
