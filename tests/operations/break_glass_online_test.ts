import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assertLogMatchesDynamics } from "../../stack/evidence.ts";
import { eventually, mentor, setStatus } from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { runCommand, startCommand } from "./run_command.ts";
import {
  addMentors,
  ADMINISTRATOR,
  breakGlassTest,
  databaseAnswers,
  dynamicsAnswers,
  holdSecondWave,
  NEW_SECRET,
  shell,
} from "./stack_for_operations.ts";

const SCRIPT = "break_glass/main.ts";

function breakGlass(stack: Stack, more: string[], answers = databaseAnswers(stack)) {
  const input = [...answers, ...dynamicsAnswers(), ...more];
  return runCommand(SCRIPT, [], { input, environment: shell(stack) });
}

interface HandRow {
  readonly mentor_id: string;
  readonly operation: string;
  readonly code: number | null;
  readonly retry_count: number;
  readonly outcome: string;
  readonly error: string | null;
}

async function handRows(stack: Stack): Promise<HandRow[]> {
  return await stack.sql<HandRow>(
    `select mentor_id, operation, dynamics_response_code as code, retry_count, outcome,
      regexp_replace(error_message, ' request=.*', '') as error
    from public.hlf_sync_audit_log where triggered_by_event = 'break_glass'
    order by mentor_id, id`,
  );
}

breakGlassTest("break-glass with the database", {
  async "says what is wrong before it does anything"(stack) {
    await setStatus(stack, "a1", "paused");
    const [coordinator] = stack.coordinators;
    const wrong = async (input: string[]) => {
      const { code, stderr } = await runCommand(SCRIPT, [], { input, environment: shell(stack) });
      return [code, stderr.trim().split("\n").at(-1)];
    };
    assertEquals(await wrong([...databaseAnswers(stack), ...dynamicsAnswers("expired")]), [
      3,
      "Entra refuses the credentials: the client secret is wrong (its value is needed, not its id) (AADSTS7000215)",
    ]);
    assertEquals(
      await wrong([
        ...databaseAnswers(stack, { ...ADMINISTRATOR, password: "something else" }),
        ...dynamicsAnswers(),
      ]),
      [3, "Supabase refuses the e-mail, the password or the key"],
    );
    assertEquals(await wrong([...databaseAnswers(stack, coordinator), ...dynamicsAnswers()]), [
      3,
      "You are not an administrator of HLF",
    ]);
    assertEquals((await wrong(["ftp://x", "", "", "", ...dynamicsAnswers()]))[0], 2);
    assertEquals(
      (await stack.simulator.requests()).filter(({ method }) => method === "PATCH"),
      [],
    );
  },

  async "shows what diverges, asks, and does it"(stack) {
    await stack.sql("select public.close_hlf_sync_gate('credentials')");
    await setStatus(stack, "b1", "resigned");
    await setStatus(stack, "a5", "active");
    await stack.simulator.upsertListing({ mentorId: crypto.randomUUID(), published: true });

    const declined = await breakGlass(stack, ["no"]);
    assertEquals([declined.code, await handRows(stack)], [1, []]);

    const { code, stdout, stderr } = await breakGlass(stack, ["yes"]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(
      stdout,
      `Shown and must be removed: 2\n  ${mentor("a1")}\n  ${mentor("b1")}\n` +
        `Hidden and must be restored: 1\n  ${mentor("a5")}\n` +
        "Shown, but not known to the app, and left alone: 1\n",
    );
    assertStringIncludes(stdout, "Done: 3, failed: 0\nChecked: everything is in sync.");
    const everything = stdout + stderr;
    for (const secret of [NEW_SECRET, ADMINISTRATOR.password, "Eksempel", "Påfunn", "Fiktiv"]) {
      assertEquals(everything.includes(secret), false, secret);
    }
    const website = await stack.simulator.website();
    assertEquals(["a1", "b1", "a5"].map((one) => website.includes(mentor(one))), [
      ...[false, false, true],
    ]);
    const row = { code: 204, retry_count: 0, outcome: "success", error: null };
    assertEquals(await handRows(stack), [
      { ...row, mentor_id: mentor("a1"), operation: "remove" },
      { ...row, mentor_id: mentor("a5"), operation: "restore" },
      { ...row, mentor_id: mentor("b1"), operation: "remove" },
    ]);
    assertEquals(
      await stack.sql(
        `select u.email, count(*)::integer as actions
        from public.hlf_sync_manual_actions as a join auth.users as u on u.id = a.actor
        where a.action = 'break_glass' group by u.email`,
      ),
      [{ email: ADMINISTRATOR.email, actions: 3 }],
    );
    assertEquals(
      await stack.sql("select closed_until > now() as is_closed, reason from public.hlf_sync_gate"),
      [{ is_closed: true, reason: "credentials" }],
    );
    assertEquals(await assertLogMatchesDynamics(stack), 3);

    const again = await breakGlass(stack, []);
    assertEquals(again.code, 0);
    assertStringIncludes(again.stdout, "There is nothing to send.");
  },

  async "counts and lists what failed, and ends with 0 once that is done too"(stack) {
    for (const code of ["a2", "a3", "a4"]) await setStatus(stack, code, "paused");
    const fail = (code: string, answer: { status: number; code?: string }) =>
      stack.simulator.addFault({ match: { target: "patch", mentorId: mentor(code) }, answer });
    await fail("a2", { status: 503 });
    await fail("a3", { status: 400, code: "0x80048d19" });

    const { code, stdout } = await breakGlass(stack, ["yes"]);
    assertEquals(code, 1);
    assertStringIncludes(stdout, "Done: 1, failed: 2\n");
    assertMatch(stdout, new RegExp(`  ${mentor("a2")} remove: failure, unavailable`));
    assertMatch(
      stdout,
      new RegExp(`  ${mentor("a3")} remove: failure, rejected code=0x80048d19`),
    );
    assertStringIncludes(stdout, "Checked: not everything is in sync.");
    const rows = await handRows(stack);
    assertEquals(rows.filter(({ outcome }) => outcome !== "success"), [
      {
        ...{ mentor_id: mentor("a2"), operation: "remove", code: 503, retry_count: 0 },
        ...{ outcome: "failure", error: "unavailable" },
      },
      {
        ...{ mentor_id: mentor("a3"), operation: "remove", code: 400, retry_count: 0 },
        ...{ outcome: "failure", error: "rejected code=0x80048d19" },
      },
    ]);
    assertEquals((await breakGlass(stack, ["yes"])).code, 0);
    assertEquals(await assertLogMatchesDynamics(stack), 5);
  },

  async "interrupted, it settles what is under way; run again, it goes on"(stack) {
    const ids = await addMentors(stack, 60);
    await stack.sql(
      "update public.mentors set status = 'paused' where id = any ($1::text[]::uuid[])",
      [
        ids,
      ],
    );
    await holdSecondWave(stack, 8);
    const running = startCommand(SCRIPT, [], {
      input: [...databaseAnswers(stack), ...dynamicsAnswers(), "yes"],
      environment: shell(stack),
    });
    await eventually("the first wave is done", () => running.printed().includes("25 of 60"));
    // Twice at once, as when a task runner hands on what the terminal has told both.
    running.kill("SIGINT");
    running.kill("SIGINT");
    await eventually(
      "it has heard",
      () => running.printed().includes("Finishing what is under way (Ctrl-C again ends at once)"),
    );
    const { code, stdout } = await running.ended;
    assertEquals(code, 130);
    assertStringIncludes(stdout, "Done: 50, failed: 0\nInterrupted");
    assertStringIncludes(stdout, "Left to do: 10\n");
    assertEquals(
      await stack.sql(
        `select count(*)::integer as in_flight from public.hlf_sync_state
        where in_flight_attempt_id is not null`,
      ),
      [{ in_flight: 0 }],
    );

    const again = await breakGlass(stack, ["yes"]);
    assertEquals(again.code, 0);
    assertStringIncludes(again.stdout, "Shown and must be removed: 10\n");
    assertEquals(await assertLogMatchesDynamics(stack), 60);
  },
});
