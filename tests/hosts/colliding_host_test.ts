/** An app that has names of its own where hlf-sync might have some, and gives away whatever is new. */
import { assert, assertEquals } from "@std/assert";
import { adopt } from "../../operations/adopt/adopt.ts";
import { readCore } from "../../operations/adopt/core_files.ts";
import { bootstrapDatabase } from "../../stack/database/bootstrap.ts";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { readPrivileges } from "../../stack/database/privileges.ts";
import type { StackDatabase } from "../../stack/database/database.ts";
import { readFingerprint } from "./fingerprint.ts";
import { copyHost, push, testCore } from "./host.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";

const APP = `
create schema private;
grant usage on schema private to authenticated;
alter default privileges in schema private grant execute on functions to authenticated;
alter default privileges in schema private grant all on tables to authenticated;
-- Of every schema, also of one that is yet to come.
alter default privileges grant execute on functions to anon, authenticated;
alter default privileges grant all on tables to anon, authenticated;
alter default privileges grant all on sequences to anon, authenticated;

-- Helpers of their own tests.
create schema tests;
create function tests.mentor(code text) returns text language sql as 'select code';
create function tests.create_world() returns void language sql as 'select 1 / 0';

create function private.is_administrator() returns boolean language sql as 'select true';
create function private.secret() returns text language sql as $$ select 'theirs' $$;
create type public.mentor_status as enum ('yes', 'no');
create table public.mentors (id bigint primary key, status public.mentor_status);
create table public.organisations (id bigint primary key);
create table public.cert_expiry_reminders (id bigint primary key, sent_at timestamptz);
insert into public.cert_expiry_reminders values (1, now());
`;

/** What they add to it once it is there. */
const ADDED = `
-- Tables and functions that belong to HLF, and not to hlf-sync.
create table public.hlf_members (id bigint primary key, joined_at timestamptz not null default now());
create function public.hlf_member_count() returns bigint language sql security definer as 'select count(*) from public.hlf_members';
insert into public.hlf_members values (1);

-- An adapter of another make, with helpers beside it.
create view hlf_sync.valid_papers as select id from public.mentors;
grant select on hlf_sync.valid_papers to authenticated;
create function hlf_sync.theirs() returns void language sql as 'select 1 / 0';
create or replace function hlf_sync.restore_app_privileges() returns void language sql as 'select hlf_sync.theirs()';
create or replace function hlf_sync.work_on_certifications(on_date date, out reminded int, out expired int, out duplicates int)
language sql as 'select 1 / 0, 0, 0';
create or replace view hlf_sync.organisations with (security_barrier) as
select '00000000-0000-4000-8000-00000000000a'::uuid as organisation_id, 'Theirs' as name;
create or replace view hlf_sync.mentors as
select
  '00000000-0000-4000-8000-0000000000a1'::uuid as mentor_id, '00000000-0000-4000-8000-00000000000a'::uuid as organisation_id,
  m.status = 'yes' as is_shown, case m.status when 'yes' then 'active' else 'paused' end as reason, null::text as name
from public.mentors as m;
insert into hlf_sync.silent_sources values ('public.mentors', 'nobody knows');
insert into public.mentors values (1, 'yes');
revoke all on function hlf_sync.theirs from public, anon, authenticated;

-- What they have set, and what has come of it.
select cron.schedule('hlf_sync_report', '0 6 * * 1', 'select 1 / 0');
select vault.create_secret('https://theirs.example/function', 'hlf_sync_function_url');
select vault.create_secret('theirs', 'theirs');
select net.http_post('https://theirs.example/other');
update public.hlf_sync_gate set max_in_flight = 3, max_requests = 7;
insert into public.hlf_sync_switches (organisation_id, is_enabled) values ('00000000-0000-4000-8000-00000000000a', true);
select hlf_sync.sweep();
insert into public.hlf_sync_audit_log (
  id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome, triggered_by_event
) values (
  hlf_sync.uuid_v7(), '00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-0000000000a1', 'restore', 204, 0, 'success',
  'initial_sync'
);
create table public.digests (organisation_id uuid references public.hlf_sync_switches (organisation_id));
insert into public.digests values ('00000000-0000-4000-8000-00000000000a');

-- And what listens.
create function private.refuse() returns trigger language plpgsql as $$ begin raise exception 'not in this app'; end $$;
create trigger theirs before insert on auth.users for each row execute function private.refuse();
create trigger theirs before insert or update or delete on public.hlf_sync_state for each row execute function private.refuse();
create trigger theirs before insert or update or delete on public.hlf_sync_switches for each row execute function private.refuse();
create trigger theirs before insert or update or delete on public.hlf_sync_alerts for each row execute function private.refuse();
create trigger theirs after insert on public.hlf_sync_audit_log for each row execute function private.refuse();
create trigger theirs after insert on public.hlf_coordinator_notifications for each row execute function private.refuse();
`;

/** What is granted on what is hlf-sync's, except the module on certifications; nothing is granted to PUBLIC by silence. */
async function readOurPrivileges(database: StackDatabase): Promise<string[]> {
  const lines = await readPrivileges(database);
  const silent = await database.query<{ line: string }>(
    `select 'open to everybody ' || oid::regprocedure as line from pg_proc
     where proacl is null and (pronamespace = 'hlf_sync'::regnamespace or proname ~ 'hlf_')`,
  );
  return [...lines, ...silent.map(({ line }) => line)]
    .filter((line) => !line.startsWith("default "))
    .filter((line) => /hlf_/.test(line))
    .filter((line) => !/certif|expir|status_transitions/.test(line))
    // Of the bundled adapter's table.
    .filter((line) => !line.includes("track_public.mentors"));
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
      const refused = await adopt(core, folder, {}).then(
        () => "",
        (error) => String(error.message),
      );
      assertEquals(refused.split("\n").length, 2, refused);
      assert(refused.includes("public.cert_expiry_reminders"));
      assert(refused.includes("--without certifications"));
      await adopt(core, folder, { certifications: "without" });
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

    await t.step("whatever they add to it, its own tests neither judge nor change", async () => {
      await theirs.database.runAsPlatform("create extension pgtap with schema extensions");
      await theirs.database.run(ADDED);
      const before = await readFingerprint(theirs.url);
      const { passed, problems } = await testCore(folder, theirs.url);
      assertEquals(problems, []);
      assert(passed > 1000, `${passed} passed`);
      assertEquals(await readFingerprint(theirs.url), before);
    });
  } finally {
    await Promise.all(opened.map((database) => database.close()));
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
