import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readDatabaseKind } from "../../stack/configured_stack.ts";
import { eventually } from "../../stack/observe.ts";
import { findFreePort } from "../../stack/machine/ports.ts";
import { AILMENTS } from "./doctor_ailments.ts";
import { type Doctor, withDoctor } from "./doctor_harness.ts";
import { runCommand } from "./run_command.ts";

const FUNCTION = "The database reaches the function, and the function Dynamics";
const PROJECT = "The function that the database calls is that of its own project";
const TABLE = "The listing table in Dynamics is as the settings say";
const WEBHOOK = "The alert webhook takes a test line";
const JOBS = "Each job is scheduled as it has to be, and has succeeded in its time";
const WATCHDOG = "The watchdog looks, and no alert is open";
const SEALS = "The log of the last thirty days matches its seals";

/** Has the database call another URL for a while. */
async function calling(doctor: Doctor, url: string, during: () => Promise<void>): Promise<void> {
  const put = async (value: string) =>
    void await doctor.stack.sql(
      "select vault.update_secret(id, $1) from vault.secrets where name = 'hlf_sync_function_url'",
      [value],
    );
  await put(url);
  await during();
  await put(doctor.stack.functionUrl);
}

const SCENARIOS: Readonly<Record<string, (doctor: Doctor) => Promise<void>>> = {
  "is green on a deployment that works, and says what it has not seen": async (doctor) => {
    const { stack, environment } = doctor;
    await doctor.look();
    const told = stack.messages.texts.length;
    const well = await runCommand("doctor/main.ts", ["--test-alert"], {
      environment: { DATABASE_URL: stack.databaseUrl, ...environment },
    });
    assertEquals([well.code, well.stderr], [0, ""], well.stdout);
    assertEquals(well.stdout.match(/^(WRONG|\?)/gm), null, well.stdout);
    // Of a stack that was made a moment ago no day is over that could have been sealed.
    assertEquals(well.stdout.trim().split("\n").at(-1)?.endsWith(`Not checked: ${SEALS}.`), true);
    assertStringIncludes(well.stdout, "It answered 200; see that the line arrived.");
    assertStringIncludes(stack.messages.texts.slice(told).join(), "a test line of the doctor");
    assertEquals(well.stdout.includes(stack.secretKey), false);
  },

  "does not call well what nobody asked it to look at": async (doctor) => {
    const report = await doctor.look();
    assertEquals([report.code, report.unseen], [0, [SEALS, WEBHOOK]], report.text);
    assertStringIncludes(report.text, "not checked: run with --test-alert");
  },

  "names each ailment by itself, and what it names mends it": async (doctor) => {
    for (const { title, sql, says, mend } of AILMENTS) {
      await doctor.stack.runAsPlatform(sql);
      const ill = await doctor.look();
      assertEquals([ill.wrong, ill.code], [[title], 1], `${sql}\n${ill.text}`);
      assertStringIncludes(ill.text, says);
      assertEquals(ill.text.includes("hemmelig"), false);
      if (mend === undefined) await doctor.follow(ill);
      else await doctor.stack.runAsPlatform(mend);
      await eventually(`${title} is well again`, async () => {
        const mended = await doctor.look({ title });
        return mended.wrong.length === 0;
      });
    }
    const well = await doctor.look();
    assertEquals([well.wrong, well.unchecked], [[], []], well.text);
  },

  "has the database call, and reads what it was answered": async (doctor) => {
    const { stack } = doctor;
    const says = async (line: string) => {
      const { text, wrong, last } = await doctor.look({ title: FUNCTION });
      assertEquals(wrong, [FUNCTION], text);
      assertStringIncludes(text, line);
      assertEquals(last.includes("All is well"), false);
    };
    const foreign = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("<html>It works!</html>", { headers: { "content-type": "text/html" } }),
    );
    await calling(
      doctor,
      `http://127.0.0.1:${foreign.addr.port}/functions/v1/hlf-sync`,
      () => says("Something answers 200, but not as the function does."),
    );
    await foreign.shutdown();
    await calling(
      doctor,
      `http://127.0.0.1:${findFreePort()}/functions/v1/hlf-sync`,
      () => says("The database called the function, but"),
    );

    await stack.simulator.setCredentials({ applicationUser: false });
    await says("The function works, but Dynamics does not: credentials_rejected.");
    await stack.simulator.setCredentials({ applicationUser: true });

    const put = (value: string) =>
      stack.sql(
        "select vault.update_secret(id, $1) from vault.secrets where name = 'hlf_sync_secret_key'",
        [value],
      );
    await put("sb_secret_revoked");
    await says("The function does not accept the key in Vault.");
    await put(stack.secretKey);

    stack.killFunction("SIGKILL");
    await says("The function answers 503 to a health check (BOOT_ERROR).");
    await stack.restartFunction();
    await eventually(
      "it is well again",
      async () => (await doctor.look({ title: FUNCTION })).well.length === 1,
    );
  },

  "finds what Dynamics would refuse, before it does": async ({ stack, look }) => {
    const { simulator } = stack;
    const says = async (verdict: "wrong" | "unseen", line: string) => {
      const report = await look({ title: TABLE });
      assertEquals(report[verdict], [TABLE], report.text);
      assertStringIncludes(report.text, line);
    };
    await simulator.setEnvironment({ keyStatus: "Pending" });
    await says("wrong", "The alternate key is not active: Pending.");
    await simulator.setEnvironment({ keyStatus: "Active", publishedType: "Picklist" });
    await says("wrong", "is no yes/no column (Picklist).");
    await simulator.setEnvironment({ publishedType: "Boolean" });
    await simulator.addFault({
      match: { target: "metadata" },
      answer: { status: 403, code: "0x80040220" },
    });
    await says("unseen", "may not read how the table is made (forbidden)");
    await simulator.clearFaults();
    assertEquals((await look({ title: TABLE })).well, [TABLE]);
  },

  "finds that the function is that of another place": async (doctor) => {
    const report = await doctor.look({
      title: PROJECT,
      databaseUrl: "postgresql://postgres@db.abcdefghij.supabase.co:5432/postgres",
    });
    assertEquals(report.wrong, [PROJECT]);
    assertStringIncludes(report.text, "https://abcdefghij.supabase.co/functions/v1/hlf-sync");
  },

  "finds a clock that is wrong, whichever way": async ({ look }) => {
    const title = "The database's clock and this machine's agree";
    for (const [ahead, word] of [[3600, "ahead"], [-3600, "behind"]] as const) {
      const { wrong, text } = await look({ title, ahead });
      assertEquals(wrong, [title]);
      assert(new RegExp(`This machine is 3[56]\\d\\d seconds ${word}\\.`).test(text), text);
    }
  },

  "says what the webhook answers to a test line": async (doctor) => {
    doctor.stack.messages.refuseWith(404);
    const refused = await doctor.look({ title: WEBHOOK, testAlert: true });
    doctor.stack.messages.refuseWith(null);
    assertEquals([refused.wrong, refused.code], [[WEBHOOK], 1]);
    assertStringIncludes(refused.text, "The webhook answers 404 to the test line.");
  },

  "does not call well what never ran": async ({ stack, look }) => {
    await stack.runAsPlatform("delete from cron.job_run_details where true");
    await stack.sql("delete from hlf_sync.steps where true");
    await stack.sql("select hlf_sync.schedule_jobs()");
    const early = await look();
    assertEquals(early.wrong, [], early.text);
    assert(early.unchecked.includes(JOBS), early.text);
    assert(early.unchecked.includes(WATCHDOG), early.text);
    assertEquals([early.code, early.last.includes("All is well")], [1, false]);

    await stack.sql(
      "update hlf_sync.pulse set jobs_scheduled_at = now() - interval '9 days' where true",
    );
    const late = await look();
    assertEquals([late.wrong, late.code], [[JOBS], 1], late.text);
  },

  "goes on where a role may not read": async ({ stack, environment }) => {
    // PGlite's connections are all of one role.
    if (readDatabaseKind() === "pglite") return;
    await stack.runAsPlatform("create role reader login password 'reader'");
    const url = new URL(stack.databaseUrl);
    url.username = url.password = "reader";
    const { code, stdout, stderr } = await runCommand("doctor/main.ts", [], {
      environment: { DATABASE_URL: url.href, ...environment },
    });
    assertEquals([code, stderr, stdout.match(/^WRONG/gm)], [1, "", null], stdout);
    assertStringIncludes(
      stdout,
      "the role of DATABASE_URL may not do this; connect as postgres (42501)",
    );
  },

  "goes on where something is not there": async ({ stack, look }) => {
    await stack.sql("alter table hlf_sync.messages rename to elsewhere");
    await stack.runAsPlatform("alter table cron.job rename to elsewhere");
    const report = await look();
    await stack.sql("alter table hlf_sync.elsewhere rename to messages");
    await stack.runAsPlatform("alter table cron.elsewhere rename to job");
    assert(report.unchecked.includes(JOBS), report.text);
    assertStringIncludes(
      report.text,
      "could not be checked: a table or view that it reads is not there (42P01)",
    );
    assert(report.well.includes(FUNCTION), report.text);
  },
};

Deno.test({ name: "doctor", sanitizeExit: false }, async (t) => {
  await withDoctor(async (doctor) => {
    for (const [name, run] of Object.entries(SCENARIOS)) {
      await t.step({ name, sanitizeExit: false, fn: () => run(doctor) });
    }
  });
});
