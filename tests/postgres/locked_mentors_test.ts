import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";
import { untilSomebodyWaits, whileOpen } from "./sessions.ts";

const ORGANISATION = "00000000-0000-4000-8000-0000000000c0";
const COORDINATOR = "00000000-0000-4000-8000-0000000e0001";
const mentor = (number: number) => `00000000-0000-4000-8000-0000000000c${number}`;

/** What waits longer than a lock may hold it up is cancelled here, and by a hosted project. */
const PATIENCE = { statement_timeout: 60_000 };

/** A database with five mentors, and how to open sessions of the app beside ours. */
async function withMentors(
  use: (sql: postgres.Sql, app: postgres.Sql) => Promise<void>,
): Promise<void> {
  const server = await startPostgresServer();
  try {
    const database = await openPostgresDatabase(server.databaseUrl);
    await prepareDatabase(database);
    await database.close();
    const open = () =>
      postgres(server.databaseUrl, { max: 2, onnotice: () => {}, connection: PATIENCE });
    const [sql, app] = [open(), open()];
    try {
      await sql`insert into auth.users (id, email) values (${COORDINATOR}, 'coordinator@example.org')`;
      await sql`insert into public.organisations (id, name) values (${ORGANISATION}, 'Organisation C')`;
      await sql`select hlf_sync.switch_on(${ORGANISATION})`;
      await sql`insert into public.organisation_members (organisation_id, user_id, role)
        values (${ORGANISATION}, ${COORDINATOR}, 'coordinator')`;
      for (let number = 1; number <= 5; number++) {
        await sql`insert into public.mentors (id, organisation_id, full_name)
          values (${mentor(number)}, ${ORGANISATION}, ${`Prøve Nummer ${number}`})`;
      }
      await use(sql, app);
    } finally {
      await Promise.all([sql.end({ timeout: 5 }), app.end({ timeout: 5 })]);
    }
  } finally {
    await server.stop();
  }
}

function asCoordinator<T>(
  sql: postgres.Sql,
  call: (sql: postgres.TransactionSql) => Promise<T>,
): Promise<T> {
  return sql.begin(async (transaction) => {
    const claims = JSON.stringify({ sub: COORDINATOR, role: "authenticated" });
    await transaction`select set_config('request.jwt.claims', ${claims}, true),
      set_config('role', 'authenticated', true)`;
    return await call(transaction);
  }) as Promise<T>;
}

async function statuses(sql: postgres.Sql): Promise<string> {
  const rows = await sql<{ status: string }[]>`select status::text from public.mentors order by id`;
  return rows.map(({ status }) => status).join(" ");
}

async function stateOf(sql: postgres.Sql, number: number): Promise<string> {
  const [row] = await sql<{ wanted_operation: string; triggered_by_event: string }[]>`
    select wanted_operation::text, triggered_by_event from public.hlf_sync_state
    where mentor_id = ${mentor(number)}`;
  return row === undefined ? "none" : `${row.wanted_operation} ${row.triggered_by_event}`;
}

Deno.test("nothing of ours waits for a mentor whom an open transaction of the app has locked", async (t) => {
  await withMentors(async (sql, app) => {
    const touch = (number: number) => (transaction: postgres.TransactionSql) =>
      transaction`update public.mentors set email = 'ny@example.org' where id = ${mentor(number)}`;

    await t.step("the night expires the others, and that one the next time", async () => {
      await sql`update public.mentors set certification_expiry_date = current_date - 2`;
      const night = () => sql`select hlf_sync.run_night(current_date)`;
      await whileOpen(app, touch(1), async () => {
        await night();
        assertEquals(
          await statuses(sql),
          "active expired_cert expired_cert expired_cert expired_cert",
        );
      });
      await night();
      assertEquals(new Set((await statuses(sql)).split(" ")), new Set(["expired_cert"]));
      await sql`update public.mentors set status = 'active', certification_expiry_date = null`;
    });

    await t.step("the app's own write goes through, and the sweep notes it", async () => {
      await whileOpen(
        app,
        (transaction) =>
          transaction`select from public.hlf_sync_state where mentor_id = ${mentor(2)} for update`,
        async () => {
          await sql`update public.mentors set status = 'paused' where id = ${mentor(2)}`;
          await sql`select hlf_sync.sweep()`;
          assertEquals(await stateOf(sql, 2), "restore status_change:active");
        },
      );
      await sql`select hlf_sync.sweep()`;
      assertEquals(await stateOf(sql, 2), "remove tracking_repair");
    });

    await t.step("a requeue takes the others", async () => {
      await sql`update public.hlf_sync_state set dead_lettered_at = now(), due_at = null
        where mentor_id in (${mentor(3)}, ${mentor(4)})`;
      await whileOpen(
        app,
        (transaction) =>
          transaction`update public.mentors set status = 'paused' where id = ${mentor(3)}`,
        async () => {
          const [answer] = await asCoordinator(
            sql,
            (transaction) =>
              transaction`select * from public.requeue_hlf_dead_letters(${ORGANISATION})`,
          );
          assertEquals(answer, { result: "accepted", requeued_count: 1 });
        },
      );
      assertEquals(await stateOf(sql, 3), "remove status_change:paused");
    });

    await t.step(
      "whom a claim could not have is no backlog, and sends nobody else away",
      async () => {
        const claim = async (worker: string, batchSize: number, moreRemoves: number) => {
          const [row] = await sql`select
          public.claim_hlf_sync_ahead(${worker}, ${batchSize}, ${moreRemoves}, 60, 8) as answer`;
          const { attempts, has_more, is_elsewhere } = row?.["answer"];
          return [attempts.length, has_more, is_elsewhere];
        };
        await sql`update public.hlf_sync_state set dead_lettered_at = null, due_at = now()`;
        await whileOpen(
          app,
          (transaction) =>
            transaction`select from public.hlf_sync_state where mentor_id = ${
              mentor(3)
            } for update`,
          async () => {
            const [one, two] = [crypto.randomUUID(), crypto.randomUUID()];
            assertEquals(await claim(one, 4, 0), [4, true, false]);
            assertEquals(await claim(one, 5, 4), [0, false, false]);
            assertEquals(await claim(two, 5, 4), [0, false, false]);
            await sql`select public.hand_back_hlf_sync_attempts(${one}, array(
            select attempt_id from hlf_sync.attempts where worker = ${one}::uuid))`;
          },
        );
      },
    );

    await t.step("a requeue and a force sync of one coordinator do not deadlock", async () => {
      await sql`update public.hlf_sync_state
        set dead_lettered_at = now(), due_at = null, triggered_by_event = 'status_change:active'
        where mentor_id = ${mentor(4)}`;
      let presses: Promise<unknown> | undefined;
      await whileOpen(
        app,
        (transaction) =>
          transaction`select from public.hlf_sync_state where mentor_id = ${mentor(4)} for update`,
        async () => {
          const force = asCoordinator(
            sql,
            (transaction) => transaction`select * from public.request_hlf_force_sync(${mentor(4)})`,
          );
          await untilSomebodyWaits(app);
          const requeue = asCoordinator(
            sql,
            (transaction) =>
              transaction`select * from public.requeue_hlf_dead_letters(${ORGANISATION})`,
          );
          presses = Promise.all([force, requeue]);
          presses.catch(() => {});
          await untilSomebodyWaits(app, 2);
        },
      );
      await presses;
    });

    await t.step("the sweep gives the others a state, and overwrites no newer one", async () => {
      await sql`delete from public.hlf_sync_state where mentor_id in (${mentor(1)}, ${mentor(5)})`;
      await sql`delete from public.hlf_sync_alerts`;
      await whileOpen(
        app,
        (transaction) =>
          transaction`update public.mentors set status = 'paused' where id = ${mentor(5)}`,
        async () => {
          await sql`select hlf_sync.sweep()`;
          assertEquals(await stateOf(sql, 1), "restore initial_sync");
        },
      );
      await sql`select hlf_sync.sweep()`;
      assertEquals(await stateOf(sql, 5), "remove initial_sync");
      assertEquals(
        await sql`select kind from public.hlf_sync_alerts where kind in ('tracking_failed', 'step_failed')`
          .then((rows) => [...rows]),
        [],
      );
    });

    await t.step("a status that the log does not know is hidden", async () => {
      await sql`alter type public.mentor_status add value 'on_leave'`;
      await sql`update public.mentors set status = 'on_leave' where id = ${mentor(1)}`;
      assertEquals(await stateOf(sql, 1), "remove status_change:hidden");
      await sql`alter table public.mentors disable trigger user`;
      await sql`update public.mentors set status = 'on_leave'`;
      await sql`alter table public.mentors enable trigger user`;
      await sql`select hlf_sync.sweep()`;
      assertEquals(
        await sql`select from public.hlf_sync_state where wanted_operation <> 'remove'`
          .then((rows) => rows.length),
        0,
      );
    });
  });
});
