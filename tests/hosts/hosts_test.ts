/** Puts hlf-sync into two apps of other shapes, as docs/guides/adopting.md says, with the Supabase CLI and without `--include-all`. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { adopt, prepareCore } from "../../operations/adopt/adopt.ts";
import { readCoreMigrations } from "../../operations/core_migrations.ts";
import { adapterCheck } from "../../operations/doctor/adapter_check.ts";
import { examine } from "../../operations/doctor/examine.ts";
import { guardsCheck } from "../../operations/doctor/guards_check.ts";
import { privilegesCheck } from "../../operations/doctor/privileges_check.ts";
import { versionCheck } from "../../operations/doctor/version_check.ts";
import { OperationError } from "../../operations/cli/errors.ts";
import { connectFromEnvironment } from "../../operations/cli/connect_dataverse.ts";
import { preview } from "../../operations/preview/preview.ts";
import { bootstrapDatabase } from "../../stack/database/bootstrap.ts";
import { assertLogMatchesDynamics } from "../../stack/evidence.ts";
import { dynamicsEnvironment } from "../../stack/functions/function_environment.ts";
import {
  auditRows,
  eventually,
  isOnWebsite,
  lastAttempt,
  mentor,
  openAlerts,
  ORGANISATION_A,
  ORGANISATION_B,
  post,
  signIn,
  sweep,
  untilIdle,
} from "../../stack/observe.ts";
import { asPlatform, openPostgresDatabase } from "../../stack/database/postgres_database.ts";
import { signToken } from "../../stack/rest/sign_token.ts";
import { projectPath } from "../../stack/machine/project_path.ts";
import { startStack } from "../../stack/stack.ts";
import type { Stack } from "../../stack/stack_types.ts";
import {
  BROKEN,
  copyHost,
  type Host,
  push,
  readLaterCore,
  testContract,
  testCore,
  WITH_CERTIFICATIONS,
  WRONG_ADAPTERS,
} from "./host.ts";
import { readFingerprint } from "./fingerprint.ts";
import { HOST_B } from "./host_b.ts";
import { HOST_C } from "./host_c.ts";
import { startPostgresServer } from "../../stack/postgres/server.ts";
import postgres from "postgres";

const server = await startPostgresServer({ keepsPlans: true });
Deno.test.afterAll(() => server.stop());

/** An empty project with what the CLI and pgTAP need. */
async function createProject(name: string): Promise<string> {
  const url = await server.createDatabase(name);
  const database = await openPostgresDatabase(url);
  await bootstrapDatabase(database);
  await database.runAsPlatform("create extension pgtap with schema extensions");
  await database.close();
  return url;
}

async function versions(url: string): Promise<string[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const rows = await sql<{ version: string }[]>`
      select version from supabase_migrations.schema_migrations order by version`;
    return rows.map(({ version }) => version);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Without triggers, as a day comes. */
async function passMidnight(url: string, sql: string): Promise<void> {
  const platform = postgres(asPlatform(url), { max: 1, onnotice: () => {} });
  try {
    await platform.unsafe(`
      set session_replication_role = replica;
      ${sql};
      update hlf_sync.days set began_at = began_at - interval '1 day' where true`);
  } finally {
    await platform.end({ timeout: 5 });
  }
}

/** Whom of organisation a the preview would show, and hide. */
async function previewOfA(stack: Stack, url: string): Promise<(readonly string[])[]> {
  const dataverse = connectFromEnvironment(dynamicsEnvironment(stack));
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const { organisations } = await preview(sql, dataverse);
    return organisations.filter(({ organisationId }) => organisationId === ORGANISATION_A)
      .flatMap(({ show, hide }) => [show, hide]);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Signs a coordinator in; the token has the user's `app_metadata` in it, as Auth puts it there and its stand-in does not. */
async function signInWithRoles(
  stack: Stack,
  organisation: string,
): Promise<Record<string, string>> {
  const headers = await signIn(stack, organisation);
  const [, payload = ""] = (headers.authorization ?? "").split(".");
  const claims = JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(payload, { alphabet: "base64url" })),
  );
  const [user] = await stack.sql<{ roles: unknown }>(
    "select raw_app_meta_data as roles from auth.users where id = $1::text::uuid",
    [claims.sub],
  );
  const token = await signToken({ ...claims, app_metadata: user?.roles }, stack.jwtSecret);
  return { ...headers, authorization: `Bearer ${token}` };
}

/** What the doctor's checks of what was installed find wrong, or cannot check. */
async function examineInstallation(url: string): Promise<string[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const { wrong, unchecked } = await examine([
      versionCheck(sql),
      adapterCheck(sql),
      privilegesCheck(sql),
      guardsCheck(sql, await readCoreMigrations()),
    ], () => {});
    return [...wrong, ...unchecked];
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Waits until the website shows, or hides, a mentor, and the log says why. */
async function awaitOutcome(
  stack: Stack,
  code: string,
  isShown: boolean,
  event: string,
  before: string | undefined,
): Promise<void> {
  await eventually(
    `${code} is ${isShown ? "shown" : "hidden"} (${event})`,
    async () => await isOnWebsite(stack, code) === isShown,
  );
  await untilIdle(stack);
  assertEquals(
    (await auditRows(stack, code, before)).map(({ operation, outcome, triggered_by_event }) => [
      operation,
      outcome,
      triggered_by_event,
    ]),
    [[isShown ? "restore" : "remove", "success", event]],
  );
}

for (
  const [name, host] of Object.entries({ b: HOST_B, c: HOST_C } satisfies Record<string, Host>)
) {
  Deno.test(`host ${name}`, async (t) => {
    const folder = await copyHost(name);
    const core = await prepareCore(host.adapter, () => {});
    const url = await createProject(`host_${name}`);
    try {
      await t.step("adopted on top of its migrations", async () => {
        await push(folder, url);
        const theirs = await versions(url);
        const { writes } = await adopt(core, folder, host);
        await push(folder, url);
        const pushed = await versions(url);
        assertEquals(
          pushed.length,
          theirs.length + writes.filter(({ path }) => path.includes("/migrations/")).length,
        );
        assertEquals(await testContract(folder, url).then(({ problems }) => problems), []);
      });

      await t.step("by version on an empty database", async () => {
        const fresh = await createProject(`fresh_${name}`);
        await push(folder, fresh);
        assertEquals(await versions(fresh), await versions(url));
        assertEquals(await testContract(folder, fresh).then(({ problems }) => problems), []);
      });

      await using started = new AsyncDisposableStack();
      const stack = await startStack({
        database: { kind: "postgres", url },
        app: host.app,
        cron: "by hand",
        websiteCacheSeconds: 0,
        functionEnvironment: { HLF_SYNC_BACKOFF_SECONDS: "0.1,0.1,0.1,0.1,0.1,0.1,0.1" },
      });
      started.defer(() => stack.stop());

      await t.step(
        "the contract holds with its rows, and names a table that lost a trigger",
        async () => {
          assertEquals(await testContract(folder, url).then(({ problems }) => problems), []);
          for (const table of host.decidingTables) {
            for (const event of ["insert", "update", "delete"]) {
              await stack.run(`alter table public.${table} disable trigger hlf_sync_${event}`);
              const { failed, problems } = await testContract(folder, url);
              assertEquals(failed, 1);
              assert(
                problems.join("\n").includes(`public.${table} has no enabled trigger for ${event}`),
              );
              await stack.run(`alter table public.${table} enable trigger hlf_sync_${event}`);
            }
          }
        },
      );

      if (name === "b") {
        await t.step("the contract test says what is wrong with an adapter", async () => {
          const adapter = await Deno.readTextFile(projectPath("docs/guides/examples/host_b.sql"));
          for (const { sql, test } of WRONG_ADAPTERS) {
            await stack.run(sql);
            const { problems } = await testContract(folder, url);
            assert(problems.some((line) => line.startsWith("not ok") && line.includes(test)), test);
            await stack.run(`truncate hlf_sync.silent_sources; ${adapter}`);
          }
          assertEquals(await testContract(folder, url).then(({ problems }) => problems), []);
        });
      }

      await t.step("the preview says whom it would hide", async () => {
        assertEquals(await previewOfA(stack, url), [[], []]);
        const [pause, back] = host.happenings;
        await stack.run(pause?.sql ?? "");
        assertEquals(await previewOfA(stack, url), [[], [mentor("a1")]]);
        await stack.run(back?.sql ?? "");
        assertEquals(await previewOfA(stack, url), [[], []]);
      });

      await t.step("nothing is sent before it is switched on", async () => {
        await sweep(stack);
        assertEquals(await stack.sql("select from hlf_sync.attempts"), []);
        for (const organisation of [ORGANISATION_A, ORGANISATION_B]) {
          await stack.sql("select hlf_sync.switch_on($1::text::uuid)", [organisation]);
        }
        await untilIdle(stack);
        assertEquals(await isOnWebsite(stack, "a1"), true);
        assertEquals(await isOnWebsite(stack, "a2"), true);
      });

      for (const { before, after, event } of host.dates) {
        await t.step(`the date alone: ${event}`, async () => {
          await stack.run(before);
          await untilIdle(stack);
          assertEquals(await isOnWebsite(stack, "a1"), true);
          const attempt = await lastAttempt(stack, "a1");
          await passMidnight(url, after);
          await sweep(stack);
          assertEquals((await openAlerts(stack)).filter((kind) => kind === "tracking_failed"), []);
          await awaitOutcome(stack, "a1", false, event, attempt);
        });
      }
      await t.step("and back", async () => {
        await stack.run(host.renewal);
        await untilIdle(stack);
        assertEquals(await isOnWebsite(stack, "a1"), true);
      });

      await t.step("only its own coordinators force a sync", async () => {
        const body = { type: "force_sync", mentor_id: mentor("a2") };
        const attempt = await lastAttempt(stack, "a2");
        const other = await post(stack, body, await signInWithRoles(stack, ORGANISATION_B));
        assert(other.status >= 400, other.text);
        const own = await post(stack, body, await signInWithRoles(stack, ORGANISATION_A));
        assertEquals([own.status, own.body.outcome], [200, "success"], own.text);
        await awaitOutcome(stack, "a2", true, "manual_coordinator_force_sync", attempt);
        if (host.everywhere !== undefined) {
          await stack.run(host.everywhere);
          const everywhere = await post(stack, body, await signInWithRoles(stack, ORGANISATION_B));
          assertEquals([everywhere.status, everywhere.body.outcome], [200, "success"]);
        }
      });

      await t.step("an upgrade replaces claim and settle", async () => {
        const later = await readLaterCore(core, host.adapter);
        const { writes } = await adopt(later, folder, host, { release: "later" });
        assertEquals(writes.length, 2);
        await push(folder, url);
        assertEquals(await testContract(folder, url).then(({ problems }) => problems), []);
      });

      for (const { title, sql, mentor: code, isShown, event } of host.happenings) {
        await t.step(title, async () => {
          const attempt = await lastAttempt(stack, code);
          await stack.run(sql);
          await awaitOutcome(stack, code, isShown, event, attempt);
        });
      }

      await t.step("the doctor sees what was installed to be well, and what is not", async () => {
        assertEquals(await examineInstallation(url), []);
        const [table] = host.decidingTables;
        await stack.run(`alter table public.${table} disable trigger hlf_sync_update`);
        assertEquals(await examineInstallation(url), ["The app's adapter keeps its contract"]);
        await stack.run(`alter table public.${table} enable trigger hlf_sync_update`);
      });

      await t.step("Dynamics got what the log says", async () => {
        assert(await assertLogMatchesDynamics(stack) > host.happenings.length);
        assertEquals((await openAlerts(stack)).filter((kind) => kind === "tracking_failed"), []);
      });

      await t.step("hlf-sync's own tests pass here, and leave everything as it is", async () => {
        const before = await readFingerprint(url);
        const { passed, problems } = await testCore(folder, url);
        assertEquals(problems, []);
        assert(passed > 1000, `${passed} passed`);
        assertEquals(await readFingerprint(url), before);
      });

      await t.step("and find what was broken here", async () => {
        for (const { sql, mended, files } of BROKEN) {
          await stack.run(sql);
          const { problems } = await testCore(folder, url, files);
          await stack.run(mended);
          assertEquals(
            [...new Set(problems.map((problem) => problem.split(" ")[0]))],
            files,
            sql,
          );
        }
      });
      if (host.certifications === "without") {
        await t.step("the module that was left out is added later", async () => {
          const later = await readLaterCore(core, host.adapter);
          const { writes } = await adopt(later, folder, { certifications: "with" });
          assertEquals(writes.map(({ path }) => path.replace(/\d{14}_/, "")), [
            "supabase/migrations/hlf_sync_certifications.sql",
            "supabase/tests/hlf_sync/400_certifications.sql",
          ]);
          await push(folder, url);
          assertEquals(await testContract(folder, url).then(({ problems }) => problems), []);
          const { passed, problems } = await testCore(folder, url, WITH_CERTIFICATIONS);
          assertEquals(problems, []);
          assert(passed > 100, `${passed} passed`);
          await assertRejects(() => adopt(later, folder, host), OperationError, "is there already");
        });
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
