/** An app that has names of its own where hlf-sync might have some, and gives away whatever is new. */
import { assert, assertEquals } from "@std/assert";
import { adopt } from "../../operations/adopt/adopt.ts";
import { readCore } from "../../operations/adopt/core_files.ts";
import { bootstrapDatabase } from "../stack/bootstrap.ts";
import { openPostgresDatabase } from "../stack/postgres_database.ts";
import { prepareDatabase } from "../stack/prepare_database.ts";
import { readPrivileges } from "../stack/privileges.ts";
import type { StackDatabase } from "../stack/database.ts";
import { copyHost, push } from "./hosts/host.ts";
import { startPostgresServer } from "./server.ts";

const APP = `
create schema private;
grant usage on schema private to authenticated;
alter default privileges in schema private grant execute on functions to authenticated;
alter default privileges in schema private grant all on tables to authenticated;
-- Of every schema, also of one that is yet to come.
alter default privileges grant execute on functions to anon, authenticated;
alter default privileges grant all on tables to anon, authenticated;
alter default privileges grant all on sequences to anon, authenticated;

create function private.is_administrator() returns boolean language sql as 'select true';
create function private.secret() returns text language sql as $$ select 'theirs' $$;
create type public.mentor_status as enum ('yes', 'no');
create table public.mentors (id bigint primary key, status public.mentor_status);
create table public.organisations (id bigint primary key);
create table public.cert_expiry_reminders (id bigint primary key, sent_at timestamptz);
insert into public.cert_expiry_reminders values (1, now());
`;

/** What is granted on what is hlf-sync's, but for the module on certifications; nothing is granted to PUBLIC by silence. */
async function readOurPrivileges(database: StackDatabase): Promise<string[]> {
  const lines = await readPrivileges(database);
  const silent = await database.query<{ line: string }>(
    `select 'open to everybody ' || oid::regprocedure as line from pg_proc
     where proacl is null and (pronamespace = 'hlf_sync'::regnamespace or proname ~ 'hlf_')`,
  );
  return [...lines, ...silent.map(({ line }) => line)]
    .filter((line) => !line.startsWith("default "))
    .filter((line) => /hlf_/.test(line))
    .filter((line) => !/certif|expir|status_transitions/.test(line));
}

Deno.test("an app of many names takes hlf-sync, and nobody gets anything of it", async (t) => {
  const server = await startPostgresServer({ keepsPlans: true });
  const folder = await copyHost("colliding", { "20240901100000_init.sql": APP });
  const opened: StackDatabase[] = [];
  const open = async (name: string) => {
    const url = await server.createDatabase(name);
    const database = await openPostgresDatabase(url);
    opened.push(database);
    return { url, database };
  };
  try {
    const bundled = await open("bundled");
    await prepareDatabase(bundled.database);
    const theirs = await open("theirs");
    await bootstrapDatabase(theirs.database, { defaultPrivileges: "open" });
    await push(folder, theirs.url);

    await t.step("it is told to leave the module out that it has itself", async () => {
      const core = await readCore("template", "serve();\n");
      const refused = await adopt(core, folder, { withoutCertifications: false }).then(
        () => "",
        (error) => String(error.message),
      );
      assertEquals(refused.split("\n").length, 2, refused);
      assert(refused.includes("public.cert_expiry_reminders"));
      assert(refused.includes("--without certifications"));
      await adopt(core, folder, { withoutCertifications: true });
      await push(folder, theirs.url);
    });

    await t.step("what is hlf-sync's is granted as in its own project", async () => {
      const wanted = await readOurPrivileges(bundled.database);
      assert(wanted.length > 100);
      assertEquals(await readOurPrivileges(theirs.database), wanted);
    });

    await t.step("also what is made later", async () => {
      for (const { database } of [bundled, theirs]) {
        await database.run("select hlf_sync.ensure_audit_log_partitions(2040, 2041)");
      }
      assertEquals(
        await readOurPrivileges(theirs.database),
        await readOurPrivileges(bundled.database),
      );
    });

    await t.step("what is theirs is as it was", async () => {
      assertEquals(
        await theirs.database.query(
          `select private.secret() as secret, private.is_administrator() as administrator,
             (select count(*)::integer from public.cert_expiry_reminders) as reminders,
             has_table_privilege('authenticated', 'public.cert_expiry_reminders', 'insert') as may_insert`,
        ),
        [{ secret: "theirs", administrator: true, reminders: 1, may_insert: true }],
      );
      await theirs.database.run(
        "select hlf_sync.sweep(), hlf_sync.watch(), hlf_sync.run_night(current_date)",
      );
      assertEquals(
        await theirs.database.query(
          "select kind from public.hlf_sync_alerts where kind = 'step_failed'",
        ),
        [],
      );
    });
  } finally {
    await Promise.all(opened.map((database) => database.close()));
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
