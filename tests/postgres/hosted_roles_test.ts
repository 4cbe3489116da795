import { assertEquals } from "@std/assert";
import { createClient } from "@supabase/supabase-js";
import { generateApiKeys } from "../../stack/rest/api_keys.ts";
import type { DefaultPrivileges } from "../../stack/database/bootstrap.ts";
import type { StackDatabase } from "../../stack/database/database.ts";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { readPrivileges } from "../../stack/database/privileges.ts";
import { createRestAndAuth } from "../../stack/rest/rest_and_auth.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";

const server = await startPostgresServer();
Deno.test.afterAll(() => server.stop());

async function withDatabase(
  defaultPrivileges: DefaultPrivileges,
  use: (database: StackDatabase) => Promise<void>,
): Promise<void> {
  const name = `hosted_${crypto.randomUUID()}`;
  const database = await openPostgresDatabase(await server.createDatabase(name));
  try {
    await prepareDatabase(database, { defaultPrivileges });
    await use(database);
  } finally {
    await database.close();
  }
}

Deno.test("a server's owner is refused what a hosted project's is", async () => {
  await withDatabase("closed", async (database) => {
    assertEquals(
      await database.query(
        `select rolname, rolsuper, rolcreatedb, rolreplication, rolbypassrls from pg_roles
         where rolname = current_user`,
      ),
      [{
        rolname: "postgres",
        rolsuper: false,
        rolcreatedb: true,
        rolreplication: true,
        rolbypassrls: true,
      }],
    );
    const codeOf = (statement: string) =>
      database.run(statement).then(() => null, (error) => error.code);
    const refused = [
      "alter role anon noinherit",
      "alter role authenticated set statement_timeout = 0",
      "alter role service_role nobypassrls",
      "grant pg_read_server_files to anon",
      "create role another superuser",
      "grant anon to authenticator with admin option",
      "update vault.secrets set name = 'another'",
      "insert into vault.secrets (secret) values ('plain')",
      "update cron.job set active = false",
      "delete from cron.job",
      "create or replace function net.http_post(url text) returns bigint language sql as 'select 1'",
      "alter table net.http_request_queue disable trigger all",
      "drop view vault.decrypted_secrets",
      "copy public.mentors to '/dev/null'",
    ];
    const codes: [string, unknown][] = [];
    for (const statement of refused) codes.push([statement, await codeOf(statement)]);
    assertEquals(codes, refused.map((statement) => [statement, "42501"]));
    const allowed = [
      "set session_replication_role = replica; set session_replication_role = origin",
      "delete from vault.secrets",
      "select cron.alter_job(jobid, active := true) from cron.job",
    ];
    for (const statement of allowed) assertEquals(await codeOf(statement), null, statement);
  });
});

Deno.test("the migrations end in the same privileges, whatever new tables are given", async () => {
  const seen: string[][] = [];
  for (const defaultPrivileges of ["closed", "open"] as const) {
    await withDatabase(defaultPrivileges, async (database) => {
      const lines = await readPrivileges(database);
      seen.push(lines.filter((line) => !line.startsWith("default ")));
      await database.run("create table public.another (id integer)");
      assertEquals(
        await database.query(
          "select has_table_privilege('anon', 'public.another', 'select') as it",
        ),
        [{ it: defaultPrivileges === "open" }],
      );
    });
  }
  assertEquals(seen[1], seen[0]);
});

Deno.test("REST comes in as authenticator, with its timeouts and its refusals", async () => {
  await withDatabase("closed", async (database) => {
    await database.run(`
      create function public.who() returns text language sql as $$
        select concat_ws(' ', session_user, current_user, current_setting('statement_timeout'), current_setting('lock_timeout'))
      $$;
      create table public.things (id integer);
      grant all on public.things to service_role;
      create function public.delete_all() returns void language plpgsql as $$
        begin delete from public.things; end $$;
      grant execute on all functions in schema public to service_role;`);
    const keys = await generateApiKeys();
    const restAndAuth = createRestAndAuth(database, keys);
    const client = createClient("http://localhost", keys.secretKey, {
      auth: { persistSession: false, autoRefreshToken: false },
      global: { fetch: (input, init) => restAndAuth(new Request(input, init)) },
    });
    assertEquals((await client.rpc("who")).data, "authenticator service_role 8s 8s");
    // Where the server has the library, no update or delete without WHERE passes, inside functions neither.
    const [loaded] = await database.query<{ preloaded: boolean }>(
      `select coalesce(array_to_string(setconfig, ' '), '') like '%safeupdate%' as preloaded
       from pg_db_role_setting where setrole = 'authenticator'::regrole`,
    );
    const { error } = await client.rpc("delete_all");
    assertEquals(error?.code ?? null, loaded?.preloaded ? "21000" : null);
  });
});
