import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { eventually, mentor, ORGANISATION_A, ORGANISATION_B } from "../../stack/observe.ts";
import { PHONE, visit } from "./browser.ts";
import { makeStuck, open, type PageContext, type Scenarios, signedIn, signIn } from "./harness.ts";

/** Makes the demo coordinator of organisation A one of B, too. */
function joinBoth({ stack }: PageContext): Promise<unknown> {
  return stack.sql(
    `insert into public.organisation_members (organisation_id, user_id, role)
     select $1::text::uuid, id, 'coordinator' from auth.users where email = 'nordfjell@example.org'`,
    [ORGANISATION_B],
  );
}

/** More mentors than are listed at once, with enough of the log for several pages of it. */
const CROWD = `
  insert into public.mentors (id, organisation_id, full_name, status)
  select ('00000000-0000-4000-9100-' || lpad(n::text, 12, '0'))::uuid, $1::text::uuid, 'Mengde ' || n, 'paused'
  from generate_series(1, 120) as n`;
const CROWD_IS_RIGHT = `
  update public.hlf_sync_state
  set due_at = null, confirmed_operation = wanted_operation, confirmed_generation = generation,
    confirmed_at = now() - interval '3 days'
  where mentor_id::text like '00000000-0000-4000-9100-%'`;
const CROWD_LOG = `
  insert into public.hlf_sync_audit_log (id, organisation_id, mentor_id, operation,
    dynamics_response_code, retry_count, outcome, triggered_by_event)
  select hlf_sync.uuid_v7(), $1::text::uuid, ('00000000-0000-4000-9100-' || lpad(n::text, 12, '0'))::uuid,
    'remove', 204, 0, 'success', 'status_change:paused'
  from generate_series(1, 120) as n`;

/** Where one is in a page; what stands still for a moment, since restoring may take more than one. */
function place(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let before = -1;
    while (before !== scrollY) {
      before = scrollY;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return scrollY;
  });
}

/** Waits until one is at some place in a page: restoring it may come after the rows. */
async function arrives(page: Page, at: number): Promise<void> {
  let found = -1;
  await eventually(() => `the page is at ${at}, not ${found}`, async () => {
    found = await place(page);
    return found === at;
  });
}

export const linksAndBack: Scenarios = {
  "finds search, rows and place again when one goes back, in the list and in the log": async (
    world,
  ) => {
    const { stack } = world;
    await stack.sql(
      "update public.hlf_sync_switches set is_enabled = false where organisation_id = $1::text::uuid",
      [ORGANISATION_B],
    );
    await stack.sql(CROWD, [ORGANISATION_B]);
    await stack.sql(CROWD_IS_RIGHT);
    await stack.sql(CROWD_LOG, [ORGANISATION_B]);
    try {
      const { page } = await signedIn(world, { organisationId: ORGANISATION_B, viewport: PHONE });
      await open(page, "Likepersoner");
      await page.getByLabel("Søk på navn").fill("mengde");
      await page.getByText("120 likepersoner i listen").waitFor();
      await page.getByRole("button", { name: "Vis flere" }).click();
      const rows = page.locator("li.mentor");
      await eventually("100 rows", async () => await rows.count() === 100);
      const link = rows.nth(90).getByRole("link").first();
      await link.scrollIntoViewIfNeeded();
      const left = await place(page);
      assert(left > 5000, String(left));
      await link.click();
      await page.getByRole("heading", { name: "Siste forsøk" }).waitFor();
      await arrives(page, 0);
      await page.goBack();
      await eventually("100 rows", async () => await rows.count() === 100);
      assertEquals(await page.getByLabel("Søk på navn").inputValue(), "mengde");
      await arrives(page, left);
      assert(!page.url().includes("mengde"), page.url());

      // A reload, and a way back that leads through another document, too.
      await page.reload();
      await eventually("100 rows", async () => await rows.count() === 100);
      await arrives(page, left);

      await open(page, "Logg");
      await arrives(page, 0);
      await page.getByRole("button", { name: "Vis eldre" }).click();
      const attempts = page.locator("details.attempt");
      await eventually("100 attempts", async () => await attempts.count() === 100);
      await attempts.nth(95).scrollIntoViewIfNeeded();
      const leftInLog = await place(page);
      assert(leftInLog > 3000, String(leftInLog));
      await page.evaluate(() => location.hash = "#/");
      await page.locator(".verdict").waitFor();
      await page.goBack();
      await eventually("100 attempts", async () => await attempts.count() === 100);
      await arrives(page, leftInLog);
      await page.goBack();
      await arrives(page, left);
      await page.goForward();
      await eventually("100 attempts", async () => await attempts.count() === 100);
      await arrives(page, leftInLog);
    } finally {
      await stack.sql(
        "delete from public.mentors where id::text like '00000000-0000-4000-9100-%'",
      );
      await stack.sql(
        "delete from public.hlf_sync_state where mentor_id::text like '00000000-0000-4000-9100-%'",
      );
    }
  },

  "makes no step of a filter": async (world) => {
    const { page } = await signedIn(world);
    await open(page, "Likepersoner");
    const before = await page.evaluate(() => history.length);
    await page.getByRole("combobox", { name: "Hvem" }).selectOption("shown");
    await page.waitForURL(/er=shown/);
    assertEquals(await page.evaluate(() => history.length), before);

    await open(page, "Logg");
    await page.locator("details.attempt").first().waitFor();
    const inLog = await page.evaluate(() => history.length);
    // By keyboard a date passes through others.
    await page.getByLabel("Fra og med").focus();
    await page.keyboard.type("01022021");
    await page.keyboard.press("Tab");
    await page.waitForURL(/from=2021-01-02/);
    await page.getByRole("combobox", { name: "Resultat" }).selectOption("success");
    await page.waitForURL(/outcome=success/);
    assertEquals(await page.evaluate(() => history.length), inLog);
  },

  "leads from the coordinators' digest to the organisation that it is about": async (world) => {
    const { stack, browser, consoleUrl } = world;
    const secrets = {
      hlf_sync_coordinator_webhook_url: `${stack.apiUrl}/messages`,
      hlf_sync_console_url: `${consoleUrl}/`,
    };
    for (const [name, value] of Object.entries(secrets)) {
      await stack.sql("select vault.create_secret($1, $2)", [value, name]);
    }
    try {
      await joinBoth(world);
      await makeStuck(stack, ["b1"]);
      const link = new RegExp(`${consoleUrl}/#\\S+`);
      await eventually("the digest is told", async () => {
        await stack.sql("select hlf_sync.tell_coordinators()");
        return stack.messages.texts.some((text) => text.includes("Sørvik") && link.test(text));
      });
      const digest = stack.messages.texts.find((text) => text.includes("Sørvik")) ?? "";
      const { page } = await visit(browser);
      await page.goto(link.exec(digest)?.[0] ?? "");
      // Whoever has to sign in first gets there, too.
      await signIn(page, { email: "nordfjell@example.org", password: "demo-password" });
      await page.getByText("Nei. 1 likeperson").waitFor();
      const chosen = page.getByLabel("Organisasjon").locator("option:checked");
      assertEquals(await chosen.innerText(), "Likeperson Sørvik");
    } finally {
      await stack.sql("delete from vault.secrets where name = any ($1::text[])", [
        Object.keys(secrets),
      ]);
    }
  },

  "closes the preview, and nothing else, when one goes back": async (world) => {
    await makeStuck(world.stack, ["a1"]);
    const { page } = await signedIn(world, { isImpatient: true });
    await page.getByRole("button", { name: "Send nå: Åse Eksempel" }).click();
    await page.getByRole("dialog").waitFor();
    await page.goBack();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Stemmer nettsiden?" }).waitFor();
  },

  "opens a link of another of one's organisations there, and drops a filter of the first": async (
    world,
  ) => {
    await joinBoth(world);
    const { page } = await signedIn(world);
    await page.goto(`${world.consoleUrl}/#/likepersoner?org=${ORGANISATION_B}`);
    await page.getByText("3 likepersoner i listen").waitFor();
    await page.goto(`${world.consoleUrl}/#/logg?mentor=${mentor("a1")}&org=${ORGANISATION_A}`);
    await page.getByLabel("Organisasjon").selectOption({ label: "Likeperson Sørvik" });
    await page.locator("details.attempt").first().waitFor();
    assert(!page.url().includes(mentor("a1")), page.url());
  },
};
