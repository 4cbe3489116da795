import { assertEquals, assertStringIncludes } from "@std/assert";
import { stackTest } from "../stack_test_frame.ts";
import { dynamicsEnvironment } from "../../stack/functions/function_environment.ts";
import {
  isOnWebsite,
  mentor,
  ORGANISATION_A,
  ORGANISATION_B,
  setStatus,
  sweep,
  untilIdle,
} from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { runCommand } from "./run_command.ts";

const NEWCOMER = "00000000-0000-4000-8000-000000000abc";

function preview(stack: Stack, environment: Record<string, string> = {}) {
  return runCommand("preview/main.ts", [], {
    environment: {
      DATABASE_URL: stack.databaseUrl,
      ...dynamicsEnvironment(stack),
      ...environment,
    },
  });
}

/** The lines of a preview that concern organisations; the last word is always that nothing was sent. */
async function previewed(stack: Stack): Promise<string[]> {
  const { code, stdout, stderr } = await preview(stack);
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.pop(), "Nothing was sent.");
  return lines;
}

/** hlf-sync as it was installed a minute ago: it knows whom there is, and no organisation is switched on. */
async function installAnew(stack: Stack): Promise<void> {
  await untilIdle(stack);
  await stack.run(`
    delete from public.hlf_sync_switches;
    delete from hlf_sync.attempts;
    delete from public.hlf_sync_state;`);
  await sweep(stack);
}

async function changes(stack: Stack): Promise<string[]> {
  const requests = await stack.simulator.requests();
  return requests.map(({ method }) => method).filter((method) => method === "PATCH");
}

stackTest("the preview", {}, async (stack, step) => {
  await installAnew(stack);
  await stack.simulator.clearRequests();

  await step("says of each organisation what it would do, and to whom", async () => {
    await setStatus(stack, "a1", "paused");
    await stack.simulator.upsertListing({ mentorId: mentor("a2"), published: false });
    await stack.simulator.upsertListing({ mentorId: crypto.randomUUID(), published: true });
    await stack.sql(
      `insert into public.mentors (id, organisation_id, full_name)
        values ($1::text::uuid, $2::text::uuid, 'Ny Oppdiktet')`,
      [NEWCOMER, ORGANISATION_B],
    );
    assertEquals(await previewed(stack), [
      `Likeperson Nordfjell (${ORGANISATION_A}), switched off: would show 1, hide 1, leave 3`,
      `  show    ${mentor("a2")}`,
      `  hide    ${mentor("a1")}`,
      `Likeperson Sørvik (${ORGANISATION_B}), switched off: would show 0, hide 0, leave 3; 1 without a listing`,
      `  missing ${NEWCOMER}`,
      "1 published listings are of nobody whom the app knows; they are left alone.",
    ]);
  });

  await step("sends nothing, and neither does anything else before the switch", async () => {
    await sweep(stack);
    await untilIdle(stack);
    assertEquals(await changes(stack), []);
    assertEquals(await stack.sql("select from hlf_sync.attempts"), []);
    assertEquals(await isOnWebsite(stack, "a1"), true);
    assertEquals(await isOnWebsite(stack, "a2"), false);
  });

  await step("what it said is what switching on does, to that organisation alone", async () => {
    await stack.sql("select hlf_sync.switch_on($1::text::uuid)", [ORGANISATION_A]);
    await untilIdle(stack);
    assertEquals(await isOnWebsite(stack, "a1"), false);
    assertEquals(await isOnWebsite(stack, "a2"), true);
    const lines = await previewed(stack);
    assertEquals(
      lines[0],
      `Likeperson Nordfjell (${ORGANISATION_A}), switched on: would show 0, hide 0, leave 5`,
    );
    assertStringIncludes(lines[1] ?? "", "switched off");
  });

  await step("what is missing is named, and no secret is", async () => {
    const withoutDatabase = await preview(stack, { DATABASE_URL: "" });
    assertEquals(withoutDatabase.code, 2);
    assertStringIncludes(withoutDatabase.stderr, "DATABASE_URL is missing");
    const withoutTenant = await preview(stack, { DYNAMICS_TENANT_ID: "" });
    assertEquals(withoutTenant.code, 2);
    assertStringIncludes(withoutTenant.stderr, "DYNAMICS_TENANT_ID");
    const refused = await preview(stack, { DYNAMICS_CLIENT_SECRET: "not-the-secret" });
    assertEquals(refused.code, 3);
    assertStringIncludes(refused.stderr, "The listings cannot be read");
    assertEquals(refused.stderr.includes("not-the-secret"), false);
    assertEquals(refused.stdout, "");
  });
});
