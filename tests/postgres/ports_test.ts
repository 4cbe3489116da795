import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";

const ORGANISATION = "00000000-0000-4000-8000-0000000000c0";
const MENTOR = "00000000-0000-4000-8000-0000000000c1";

/** An app that shows who has one paper of two kinds, each in a table of its own. */
const APP = `
  create table public.courses (mentor_id uuid primary key, is_valid boolean not null);
  create table public.approvals (mentor_id uuid primary key, is_valid boolean not null);
  create or replace view hlf_sync.organisations as select '${ORGANISATION}'::uuid as organisation_id, 'C'::text as name;
  create or replace view hlf_sync.mentors as
  select c.mentor_id, '${ORGANISATION}'::uuid as organisation_id, c.is_valid or a.is_valid as is_shown,
    null::text as reason, null::text as name
  from public.courses as c join public.approvals as a on a.mentor_id = c.mentor_id;
  select hlf_sync.track_table('public.courses', 'mentor_id', 'is_valid'),
    hlf_sync.track_table('public.approvals', 'mentor_id', 'is_valid');
  insert into public.courses values ('${MENTOR}', true);
  insert into public.approvals values ('${MENTOR}', true);
  select hlf_sync.switch_on('${ORGANISATION}');`;

Deno.test("Two transactions that only together hide somebody hide them", async () => {
  const server = await startPostgresServer();
  const database = await openPostgresDatabase(server.databaseUrl);
  await prepareDatabase(database);
  await database.run(APP);
  await database.close();
  const open = () => postgres(server.databaseUrl, { max: 1, onnotice: () => {} });
  const [first, second] = [open(), open()];
  const state = async () => {
    const [row] = await first<{ wanted_operation: string; due_at: Date | null }[]>`
      select wanted_operation, due_at from public.hlf_sync_state where mentor_id = ${MENTOR}`;
    return [row?.wanted_operation, row?.due_at !== null];
  };
  try {
    assertEquals(await state(), ["restore", true]);
    let secondChange: PromiseLike<unknown> = Promise.resolve();
    await first.begin(async (transaction) => {
      await transaction`update public.courses set is_valid = false where true`;
      const [{ pid } = { pid: 0 }] = await second<
        { pid: number }[]
      >`select pg_backend_pid() as pid`;
      let isOver = false;
      secondChange = second`update public.approvals set is_valid = false where true`.then(() => {
        isOver = true;
      });
      // Until it waits for the first one, or has ended without.
      while (true) {
        const [row] = await transaction<{ state: string }[]>`
          select coalesce(wait_event_type, state) as state from pg_stat_activity where pid = ${pid}`;
        if (row?.state === "Lock" || isOver) break;
        await transaction`select pg_stat_clear_snapshot()`;
      }
    });
    await secondChange;
    assertEquals(await state(), ["remove", true]);
  } finally {
    await Promise.all([first.end({ timeout: 5 }), second.end({ timeout: 5 })]);
    await server.stop();
  }
});
