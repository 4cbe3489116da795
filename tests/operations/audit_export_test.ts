import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readDatabaseKind } from "../../stack/configured_stack.ts";
import { stackTest } from "../stack_test_frame.ts";
import { ORGANISATION_A, untilIdle } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { type CommandResult, runCommand } from "./run_command.ts";

/** Writes rows at given moments, as only the owner can. */
async function writeRows(stack: Stack, from: string, count: number, apart: string): Promise<void> {
  await stack.sql(
    `insert into public.hlf_sync_audit_log (
      id, organisation_id, mentor_id, operation, dynamics_response_code, retry_count, outcome,
      error_message, triggered_by_event, created_at
    )
    select
      overlay(
        hlf_sync.uuid_v7()::text
        placing regexp_replace(
          lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0'), '^(.{8})', '\\1-'
        ) from 1 for 13
      )::uuid,
      $1::text::uuid, gen_random_uuid(), (array['remove', 'restore'])[1 + n % 2]::public.hlf_sync_operation,
      case when n % 3 = 0 then null else 204 end, 0,
      case when n % 3 = 0 then 'failure' else 'success' end::public.hlf_sync_outcome,
      case when n % 3 = 0 then 'timeout' end, 'status_change:paused', at
    from (
      select n, $2::text::timestamptz + n * $4::text::interval as at
      from generate_series(0, $3::text::integer - 1) as n
    ) as moments`,
    [ORGANISATION_A, from, String(count), apart],
  );
}

function exportLog(stack: Stack, args: string[]): Promise<CommandResult> {
  return runCommand("audit_export/export_main.ts", args, {
    environment: { DATABASE_URL: stack.databaseUrl },
  });
}

/** With nothing but the files: no address of a database is at hand. */
async function verify(...directories: string[]): Promise<[code: number, lines: string[]]> {
  const { code, stdout } = await runCommand("audit_export/verify_main.ts", directories, {
    environment: { DATABASE_URL: "" },
  });
  return [code, stdout.trim().split("\n").map((line) => line.trim())];
}

async function edit(path: string, change: (text: string) => string): Promise<() => Promise<void>> {
  const before = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, change(before));
  return () => Deno.writeTextFile(path, before);
}

async function firstLine(path: string, day: string): Promise<string> {
  const lines = (await Deno.readTextFile(path)).split("\n");
  return lines.find((line) => line.includes(`,${day}T`)) ?? "";
}

stackTest("audit:export and audit:verify", {}, async (stack, step) => {
  const directory = await Deno.makeTempDir();
  try {
    await untilIdle(stack);
    await stack.sql("select hlf_sync.ensure_audit_log_partitions(2015, 2016)");
    await writeRows(stack, "2015-02-20 00:00:00.000001Z", 400, "1 hour 0.000001 seconds");
    await stack.sql("select hlf_sync.seal_audit_log('2015-03-10')");
    const out = `${directory}/export`;
    const february = `${out}/hlf_sync_audit_log_2015-02.csv`;
    const march = `${out}/hlf_sync_audit_log_2015-03.csv`;

    await step("an export matches its seals", async () => {
      const range = ["--from", "2015-02-21", "--to", "2015-03-09"];
      const { code, stdout, stderr } = await exportLog(stack, [...range, "--out", out]);
      assertEquals([code, stderr], [0, ""]);
      assertStringIncludes(stdout, "2015-02-21 to 2015-03-09, 376 rows, 17 sealed days");
      const [seal] = await stack.sql<{ digest: string }>(
        "select digest from public.hlf_sync_audit_seals where day = '2015-03-09'",
      );
      assertEquals(await verify(out), [0, [
        `${out}: public.hlf_sync_audit_log, 2015-02-21 to 2015-03-09, 376 rows, 17 sealed days`,
        `last seal: 2015-03-09 ${seal?.digest}`,
        "Everything matches.",
      ]]);
      assertEquals((await firstLine(february, "2015-02-21")).endsWith(":00.000025Z"), true);
    });

    await step("what is not sealed is not exported", async () => {
      const range = ["--from", "2015-03-01", "--to", "2015-03-10"];
      const { code, stderr } = await exportLog(stack, [...range, "--out", `${directory}/late`]);
      assertEquals([code, stderr.trim()], [
        3,
        "Cannot export: the log is sealed until 2015-03-09, choose --to by it",
      ]);
    });

    await step("each way of tampering is named", async () => {
      const tampered = async (path: string, change: (text: string) => string) => {
        const undo = await edit(path, change);
        const [code, lines] = await verify(out);
        await undo();
        return [code, ...lines.slice(1, -2)];
      };
      const row = await firstLine(march, "2015-03-02");
      const checksum = "hlf_sync_audit_log_2015-03.csv: checksum does not match";
      assertEquals(
        await tampered(march, (text) => text.replace(row, row.replace("000", "001"))),
        [1, checksum, "first day that does not match: 2015-03-02, row or seal changed"],
      );
      assertEquals(await tampered(march, (text) => text.replace(`${row}\n`, "")), [
        1,
        checksum,
        "hlf_sync_audit_log_2015-03.csv: 183 rows where there were 184",
        "first day that does not match: 2015-03-02, row missing",
      ]);
      assertEquals(
        await tampered(
          `${out}/manifest.json`,
          (text) => text.replace(/("day": "2015-03-04",\s+"row_count": )24/, "$123"),
        ),
        [1, "first day that does not match: 2015-03-04, row added"],
      );
      assertEquals(
        await tampered(
          `${out}/manifest.json`,
          (text) => text.replace(/("day": "2015-02-25",[^}]*"digest": ")..../, "$10000"),
        ),
        [1, "first day that does not match: 2015-02-25, row or seal changed"],
      );
      await Deno.rename(february, `${directory}/away`);
      assertEquals((await verify(out))[1].slice(1, -2), [
        "hlf_sync_audit_log_2015-02.csv: file missing",
        "first day that does not match: 2015-02-21, rows missing: their file is",
      ]);
      await Deno.rename(`${directory}/away`, february);
      assertEquals((await verify(out))[0], 0);
    });

    await step("an export of a log that was changed says so", async () => {
      await stack.sql("alter table hlf_sync.audit_log_2015 disable trigger all");
      const change = (by: number) =>
        stack.sql(
          `update hlf_sync.audit_log_2015 set retry_count = retry_count + $1
          where created_at >= '2015-03-05' and created_at < '2015-03-06'`,
          [by],
        );
      await change(1);
      const range = ["--from", "2015-03-01", "--to", "2015-03-09"];
      const changed = await exportLog(stack, [...range, "--out", `${directory}/changed`]);
      await change(-1);
      await stack.sql(
        "alter table hlf_sync.audit_log_2015 enable always trigger refuse_change",
      );
      assertEquals(changed.code, 1);
      assertStringIncludes(changed.stdout, "first day that does not match: 2015-03-05");
    });

    await step(
      "the runbook: a year is exported, stored elsewhere, detached, exported again and dropped",
      async () => {
        const before = `${directory}/2015`;
        await stack.sql("select hlf_sync.seal_audit_log('2016-01-02')");
        const year = ["--partition", "2015", "--out"];
        assertEquals((await exportLog(stack, [...year, before])).code, 0);
        const elsewhere = `${directory}/elsewhere`;
        await Deno.mkdir(elsewhere);
        for await (const { name } of Deno.readDir(before)) {
          await Deno.copyFile(`${before}/${name}`, `${elsewhere}/${name}`);
        }
        assertEquals((await verify(elsewhere))[0], 0);
        const early = () =>
          stack.sql(
            "select hlf_sync.detach_audit_log_partition(extract(year from now())::integer)",
          );
        await assertRejects(early, Error, "rows are kept five years");
        await stack.sql("select hlf_sync.detach_audit_log_partition(2015)");
        const after = `${directory}/2015-detached`;
        assertEquals((await exportLog(stack, [...year, after])).code, 0);
        for await (const { name } of Deno.readDir(before)) {
          if (!name.endsWith(".csv")) continue;
          const [one, other] = await Promise.all(
            [before, after].map((place) => Deno.readTextFile(`${place}/${name}`)),
          );
          assertEquals(one, other, name);
        }
        await stack.sql("drop table hlf_sync.audit_log_2015");
        assertEquals(
          await stack.sql(
            "select is_intact, reason from public.verify_hlf_sync_audit('2015-01-01', '2015-12-31')",
          ),
          [{ is_intact: true, reason: null }],
        );
        for (const place of [elsewhere, after]) assertEquals((await verify(place))[0], 0);
        const gone = await exportLog(stack, [...year, `${directory}/gone`]);
        assertEquals([gone.code, gone.stderr.trim()], [
          3,
          "There is no table hlf_sync.audit_log_2015",
        ]);
      },
    );

    // PGlite has one user only.
    const isServer = readDatabaseKind() === "postgres";
    await step("a role that the policies hold back gets no export at all", async () => {
      if (!isServer) return;
      await stack.runAsPlatform(
        "create role reader login password 'demo-reader' in role authenticated",
      );
      const url = new URL(stack.databaseUrl);
      url.username = "reader";
      url.password = "demo-reader";
      const { code, stderr } = await runCommand("audit_export/export_main.ts", [
        ...["--from", "2016-01-01", "--to", "2016-01-01", "--out", `${directory}/reader`],
      ], { environment: { DATABASE_URL: url.href } });
      assertEquals([code, stderr.trim()], [
        3,
        "The role may not read all of public.hlf_sync_audit_log",
      ]);
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
