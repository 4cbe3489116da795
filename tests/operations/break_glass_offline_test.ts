import { assertEquals, assertStringIncludes } from "@std/assert";
import { assertLogMatchesDynamics } from "../../stack/evidence.ts";
import { eventually, mentor } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { runCommand, startCommand } from "./run_command.ts";
import {
  addMentors,
  breakGlassTest,
  databaseAnswers,
  dynamicsAnswers,
  holdSecondWave,
  shell,
} from "./stack_for_operations.ts";

const SCRIPT = "break_glass/main.ts";

function importJournal(stack: Stack, path: string) {
  return runCommand(SCRIPT, ["--import", path], {
    input: databaseAnswers(stack),
    environment: shell(stack),
  });
}

async function outcomes(stack: Stack): Promise<unknown[]> {
  return await stack.sql(
    `select outcome, error_message as error, count(*)::integer
    from public.hlf_sync_audit_log where triggered_by_event = 'break_glass'
    group by 1, 2 order by 1, 2`,
  );
}

async function patches(stack: Stack) {
  return (await stack.simulator.requests()).filter(({ method }) => method === "PATCH");
}

async function onlyJournal(directory: string): Promise<string> {
  for await (const { name } of Deno.readDir(directory)) {
    if (name.endsWith(".jsonl")) return `${directory}/${name}`;
  }
  throw new Error("There is no journal");
}

breakGlassTest("break-glass without the database", {
  async "killed in the middle, gone on with, and written in once"(stack, directory) {
    const ids = await addMentors(stack, 60);
    const list = `${directory}/mentors.csv`;
    const restored = mentor("a5");
    await Deno.writeTextFile(
      list,
      `mentor_id;operation\r\n${restored};restore\r\n${
        ids.map((id) => `${id};remove\r\n`).join("")
      }`,
    );
    const input = [...dynamicsAnswers(), "yes"];
    const options = { input, environment: shell(stack), cwd: directory };

    await holdSecondWave(stack, 300);
    const running = startCommand(SCRIPT, ["--offline", list], options);
    await eventually("the second wave has left", async () => (await patches(stack)).length === 50);
    running.kill("SIGKILL");
    await running.ended;
    await stack.simulator.clearFaults();
    const journal = await onlyJournal(directory);
    const written = (await Deno.readTextFile(journal)).split("\n");
    const intended = written.filter((line) => line.includes('"intent"')).length;
    const concluded = written.filter((line) => line.includes('"outcome"')).length;
    assertEquals([intended, concluded], [50, 25]);

    const resumed = await runCommand(SCRIPT, ["--offline", list, "--journal", journal], options);
    assertEquals(resumed.code, 0, resumed.stderr);
    assertStringIncludes(resumed.stdout, "To remove: 35, to restore: 1\n");
    const website = await stack.simulator.website();
    assertEquals(ids.filter((id) => website.includes(id)), []);
    assertEquals(website.includes(restored), true);

    assertEquals(await outcomes(stack), []);
    const first = await importJournal(stack, journal);
    assertEquals(first.code, 0);
    assertStringIncludes(first.stdout, "Written into the audit log: 86\nThere already: 0\n");
    const imported = [
      { outcome: "success", error: null, count: 61 },
      { outcome: "failure", error: "interrupted", count: 25 },
    ];
    assertEquals(await outcomes(stack), imported);
    const again = await importJournal(stack, journal);
    assertEquals(again.code, 0);
    assertStringIncludes(again.stdout, "Written into the audit log: 0\nThere already: 86\n");
    assertEquals(await outcomes(stack), imported);
    await assertLogMatchesDynamics(stack, "break_glass");
    const known = new Set(
      (await stack.sql<{ id: string }>("select id from public.hlf_sync_audit_log")).map(({ id }) =>
        id
      ),
    );
    assertEquals((await patches(stack)).filter((one) => !known.has(one.clientRequestId ?? "")), []);
  },

  async "the list is used when the database turns out to be away"(stack, directory) {
    const list = `${directory}/one.csv`;
    const stranger = crypto.randomUUID();
    await Deno.writeTextFile(list, `mentor_id\n${mentor("a1")}\n${stranger}\n`);
    const away = ["http://127.0.0.1:9", "a key", "vakt@example.org", "a password"];
    const cwd = await Deno.makeTempDir({ dir: directory });
    const { code, stdout } = await runCommand(SCRIPT, [], {
      input: [...away, ...dynamicsAnswers(), list, "yes"],
      environment: shell(stack),
      cwd,
    });
    assertEquals(code, 0);
    assertStringIncludes(stdout, "Supabase does not answer. A list of mentor ids will do as well.");
    assertEquals((await stack.simulator.website()).includes(mentor("a1")), false);
    assertEquals(
      (await stack.simulator.listings()).some(({ mentorId }) => mentorId === stranger),
      false,
      "nothing is ever created",
    );

    const imported = await importJournal(stack, await onlyJournal(cwd));
    assertEquals(imported.code, 1);
    assertStringIncludes(imported.stdout, "Written into the audit log: 1\nThere already: 0\n");
    assertStringIncludes(imported.stdout, `not written: 1\n  ${stranger}, attempt `);
  },

  async "one listing that is refused stops nobody else"(stack, directory) {
    const ids = await addMentors(stack, 100, 0x3000);
    const [refused = ""] = ids.slice(3);
    await stack.simulator.addFault({
      match: { target: "patch", mentorId: refused },
      times: null,
      answer: { status: 403, code: "0x80040220" },
    });
    const list = `${directory}/hundred.csv`;
    await Deno.writeTextFile(list, `mentor_id\n${ids.join("\n")}\n`);
    const { code, stdout } = await runCommand(SCRIPT, ["--offline", list], {
      input: [...dynamicsAnswers(), "yes"],
      environment: shell(stack),
      cwd: await Deno.makeTempDir({ dir: directory }),
    });
    assertEquals(code, 1);
    assertStringIncludes(stdout, "no column operation: all 100 are to be removed\n");
    assertStringIncludes(stdout, `Done: 99, failed: 1\n  ${refused} remove: failure, forbidden`);
    const website = await stack.simulator.website();
    assertEquals(ids.filter((id) => website.includes(id)), [refused]);
  },

  async "every problem of a list is told before anything is asked"(stack, directory) {
    const list = `${directory}/bad.csv`;
    await Deno.writeTextFile(list, "mentor_id,operation\nKari,remove\n,hide\n");
    const { code, stdout, stderr } = await runCommand(SCRIPT, ["--offline", list], {
      environment: shell(stack),
    });
    assertEquals([code, stdout], [5, ""]);
    assertEquals(stderr.trim().split("\n  "), [
      "Cannot read the list of mentors:",
      "line 2: mentor_id is not a uuid",
      "line 3: mentor_id is not a uuid",
      "line 3: operation is neither remove nor restore",
    ]);
  },
});
