/** A physical copy has the original's jobs and secrets. It uses neither until docs/guides/restoring.md has made it a project. */
import { assertEquals } from "@std/assert";
import type { StackDatabase } from "../../stack/database/database.ts";
import { openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { prepareDatabase } from "../../stack/database/prepare_database.ts";
import { readGuide } from "./guide.ts";
import { liveIn, mentorId, ORIGINAL } from "./lived_in_database.ts";
import { type PostgresServer, startPostgresServer } from "../../stack/postgres/server.ts";
import { claim, forgetRequests, readJobs, readRequests, runJobs } from "./witness.ts";

const COPY_URL = "https://copied.supabase.co";
const COPY_FUNCTION = `${COPY_URL}/functions/v1/hlf-sync`;
const COPY_WEBHOOK = "https://hooks.slack.com/services/copied";

/** What the function of the original answers to a question, and pg_net then notes in the database that asked. */
async function answerQuestion(asked: StackDatabase, original: StackDatabase): Promise<number> {
  const [{ question } = { question: null }] = await asked.query<{ question: string | null }>(
    "select question from hlf_sync.project",
  );
  const [{ answer } = { answer: null }] = await original.query<{ answer: string | null }>(
    "select public.confirm_hlf_sync_project($1::text, $2::text::uuid) as answer",
    [ORIGINAL.projectUrl, question],
  );
  const status = answer === "confirmed" ? 200 : 409;
  await asked.query(
    `with taken as (delete from net.http_request_queue where true returning id)
    insert into net._http_response (id, status_code, timed_out, created)
    select id, $1::integer, false, clock_timestamp() from taken`,
    [status],
  );
  return status;
}

async function withCopy(
  use: (original: StackDatabase, copy: StackDatabase) => Promise<void>,
): Promise<void> {
  const servers: PostgresServer[] = [await startPostgresServer({ isDurable: true })];
  const opened: StackDatabase[] = [];
  try {
    const [server] = servers;
    if (server === undefined) return;
    const url = await server.createDatabase("original");
    const before = await openPostgresDatabase(url);
    await prepareDatabase(before);
    await liveIn(before);
    await before.close();
    const copied = await server.copy();
    servers.push(copied);
    const copyUrl = new URL(url);
    copyUrl.port = String(copied.port);
    const [original, copy] = [
      await openPostgresDatabase(url),
      await openPostgresDatabase(copyUrl.href),
    ];
    opened.push(original, copy);
    await use(original, copy);
  } finally {
    await Promise.all(opened.map((database) => database.close()));
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** A mentor changes, an alert opens, and every job runs. */
async function liveOn(database: StackDatabase): Promise<void> {
  await database.query("update public.mentors set status = 'resigned' where id = $1::text::uuid", [
    mentorId("b2"),
  ]);
  await database.run("select hlf_sync.raise_alert('gate_stuck')");
  await runJobs(database);
}

Deno.test("a physical copy sends nothing and claims nothing until it is told", async (t) => {
  const guide = await readGuide(
    "docs/guides/restoring.md",
    `Copies: staging, branches, "restore to a new project"`,
  );
  await withCopy(async (original, copy) => {
    await t.step("it has the original's jobs and secrets, and none of its requests", async () => {
      assertEquals(await readJobs(copy), await readJobs(original));
      const [secret] = await copy.query<{ url: string }>(
        "select hlf_sync.callable_url('hlf_sync_alert_webhook_url') as url",
      );
      assertEquals(secret?.url, ORIGINAL.webhookUrl);
      assertEquals(await readRequests(copy), []);
    });

    await t.step("it sends nothing but a question", async () => {
      await liveOn(copy);
      assertEquals(await readRequests(copy), [[ORIGINAL.functionUrl, "identify"]]);
    });

    await t.step(
      "which the original's function cannot confirm, however often it is asked",
      async () => {
        for (let round = 0; round < 2; round++) {
          assertEquals(await answerQuestion(copy, original), 409);
          await runJobs(copy);
          assertEquals(await readRequests(copy), [[ORIGINAL.functionUrl, "identify"]]);
        }
        assertEquals(
          await copy.query(
            "select kind from public.hlf_sync_alerts where kind = 'foreign_project' and closed_at is null",
          ),
          [{ kind: "foreign_project" }],
        );
      },
    );

    await t.step("a function that is put beside it claims nothing", async () => {
      assertEquals(await claim(copy, COPY_URL), []);
    });

    await t.step(
      "the original, which was started anew as well, goes on once its function has confirmed it",
      async () => {
        await liveOn(original);
        assertEquals(await readRequests(original), [[ORIGINAL.functionUrl, "identify"]]);
        assertEquals(await answerQuestion(original, original), 200);
        await runJobs(original);
        assertEquals(
          [...new Set((await readRequests(original)).map(([url]) => url))],
          [ORIGINAL.webhookUrl, ORIGINAL.functionUrl],
        );
        assertEquals(await claim(original, ORIGINAL.projectUrl), [mentorId("b2")]);
      },
    );

    await t.step(
      "told as the guide says, it is a project of its own, and of nobody else",
      async () => {
        await forgetRequests(copy);
        for (const { code } of guide) {
          await copy.run(code.replaceAll("<ref>", "copied").replaceAll("…", "copied"));
        }
        await runJobs(copy);
        assertEquals(
          [...new Set((await readRequests(copy)).map(([url]) => url))],
          [COPY_FUNCTION, COPY_WEBHOOK],
        );
        assertEquals(await claim(copy, ORIGINAL.projectUrl), []);
        assertEquals(await claim(copy, COPY_URL), [mentorId("b2")]);
        assertEquals(
          await copy.query(
            "select public.begin_hlf_reconciliation(60, gen_random_uuid()) is not null as reads_another_dynamics",
          ),
          [{ reads_another_dynamics: true }],
        );
      },
    );
  });
});
