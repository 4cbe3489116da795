import { assert, assertEquals } from "@std/assert";
import type { Stack } from "../../stack/stack_types.ts";
import { DESKTOP, PHONE, visit } from "./browser.ts";
import { mentor, ORGANISATION_A, ORGANISATION_B } from "../../stack/observe.ts";
import { open, type Scenarios, signedIn, signIn, signUp } from "./harness.ts";
import { assertAccessible, assertFits } from "./page_checks.ts";

const OUTSIDER = { email: "utenfor@example.org", password: "demo-password" };
const MEMBER = { email: "medlem@example.org", password: "demo-password" };
/** What belongs to an organisation. */
const TABLES = [
  "organisations",
  "mentors",
  "hlf_sync_state",
  "hlf_sync_mentor_status",
  "hlf_sync_audit_log",
  "hlf_sync_manual_actions",
  "hlf_coordinator_notifications",
  "cert_expiry_reminders",
  "hlf_mentor_status_transitions",
  "hlf_certification_policies",
  "hlf_sync_drifts",
];
/** What coordinators of every organisation see, and nobody else. */
const COMMON_COLUMNS = [
  "hlf_nightly_runs?select=started_at",
  "hlf_sync_alerts?select=kind",
  "hlf_sync_gate?select=reason",
];

export const access: Scenarios = {
  "a wrong password is told from a lost network": async (world) => {
    const { page, context } = await visit(world.browser);
    await page.goto(world.consoleUrl);
    await signIn(page, { email: "nordfjell@example.org", password: "wrong" });
    await page.getByText("E-posten eller passordet stemmer ikke").waitFor();
    await context.route(/\/auth\/v1\//, (route) => route.abort());
    await signIn(page, { email: "nordfjell@example.org", password: "demo-password" });
    await page.getByText("Får ikke kontakt. Sjekk nettforbindelsen").waitFor();
  },

  "signing out forgets everything": async (world) => {
    const { page } = await signedIn(world);
    await page.getByRole("button", { name: "Logg ut" }).click();
    await page.getByRole("heading", { name: "Logg inn" }).waitFor();
    assert(!(await page.content()).includes("Åse Eksempel"));
    assertEquals(
      await page.evaluate(() => JSON.stringify(localStorage).includes("access_token")),
      false,
    );
    await page.reload();
    await page.getByRole("heading", { name: "Logg inn" }).waitFor();
  },

  "a session that the database no longer takes leads back to signing in": async (world) => {
    const { page, context } = await signedIn(world, { isImpatient: true });
    await context.route(/\/rest\/v1\//, (route) =>
      route.fulfill({
        status: 401,
        headers: { "access-control-allow-origin": "*" },
        json: { code: "PGRST301", message: "JWT expired" },
      }));
    await page.getByText("Du er blitt logget ut. Logg inn igjen for å fortsette.").waitFor();
  },

  "someone without membership, or a mere member, is told so and sees nothing": async (world) => {
    const { stack, consoleUrl, browser } = world;
    await stack.sql("select hlf_sync.raise_alert('nights_stopped')");
    await signUp(stack, OUTSIDER);
    const memberId = await signUp(stack, MEMBER);
    await stack.sql(
      `insert into public.organisation_members (organisation_id, user_id, role)
       values ($1::text::uuid, $2::text::uuid, 'member')`,
      [ORGANISATION_A, memberId],
    );
    for (const person of [OUTSIDER, MEMBER]) {
      const { page, context } = await visit(browser);
      await page.goto(consoleUrl);
      await signIn(page, person);
      await page.getByRole("heading", { name: "Du er ikke koordinator" }).waitFor();
      await page.getByText(person.email).waitFor();
      await page.goto(`${consoleUrl}/#/likeperson/${mentor("a1")}`);
      await page.getByRole("heading", { name: "Du er ikke koordinator" }).waitFor();
      assertEquals(await page.getByRole("navigation").count(), 0);
      await context.close();
      await assertSeesNothing(
        stack,
        await tokenOf(stack, person),
        [ORGANISATION_A, ORGANISATION_B],
        COMMON_COLUMNS,
      );
    }
  },

  "a coordinator of another organisation sees that one alone": async (world) => {
    const { stack, consoleUrl } = world;
    await stack.sql("select hlf_sync.raise_alert('nights_stopped')");
    const { page } = await signedIn(world, { organisationId: ORGANISATION_B });
    await open(page, "Likepersoner");
    await page.getByText("3 likepersoner i listen").waitFor();
    assert(!(await page.locator("main").innerText()).includes("Åse Eksempel"));
    await page.goto(`${consoleUrl}/#/likeperson/${mentor("a1")}`);
    await page.getByRole("heading", { name: "Fant ikke denne likepersonen" }).waitFor();
    await page.goto(`${consoleUrl}/#/logg?mentor=${mentor("a1")}`);
    await page.getByText("Ingen forsøk passer til dette.").waitFor();
    const [coordinator] = stack.coordinators.filter((c) => c.organisationId === ORGANISATION_B);
    if (coordinator === undefined) throw new Error("No such demo coordinator");
    await assertSeesNothing(stack, await tokenOf(stack, coordinator), [ORGANISATION_A]);
  },

  "a coordinator of several organisations chooses, and the choice is remembered": async (world) => {
    const { stack } = world;
    await stack.sql(
      `insert into public.organisation_members (organisation_id, user_id, role)
       select $1::text::uuid, id, 'coordinator' from auth.users where email = 'nordfjell@example.org'`,
      [ORGANISATION_B],
    );
    const { page } = await signedIn(world);
    await page.getByLabel("Organisasjon").selectOption({ label: "Likeperson Sørvik" });
    await page.getByText("Ja. Nettsiden stemmer for alle 3").waitFor();
    await page.reload();
    await page.getByText("Ja. Nettsiden stemmer for alle 3").waitFor();
    for (const language of ["Bokmål", "English"]) {
      for (const viewport of [DESKTOP, PHONE]) {
        await page.setViewportSize(viewport);
        await assertFits(page, `choice (${language}, ${viewport.width} px)`);
        await assertAccessible(page, `choice (${language}, ${viewport.width} px)`);
      }
      if (language === "Bokmål") await page.getByRole("button", { name: "English" }).click();
    }
  },

  "the page asks nobody but the project": async (world) => {
    const { page } = await signedIn(world);
    const isBlocked = await page.evaluate(async () => {
      const blocked = new Promise((resolve) =>
        document.addEventListener("securitypolicyviolation", () => resolve(true), { once: true })
      );
      await fetch("http://127.0.0.1:9/").catch(() => {});
      return await Promise.race([blocked, new Promise((r) => setTimeout(r, 60_000))]);
    });
    assertEquals(isBlocked, true);
  },
};

async function tokenOf(stack: Stack, person: { email: string; password: string }): Promise<string> {
  const response = await fetch(`${stack.apiUrl}/auth/v1/token?grant_type=password`, {
    method: "POST",
    headers: { apikey: stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify({ email: person.email, password: person.password }),
  });
  assertEquals(response.status, 200);
  return (await response.json()).access_token;
}

/** Asks by hand for everything that the page ever asks for, of organisations that are none of theirs. */
async function assertSeesNothing(
  stack: Stack,
  token: string,
  organisationIds: readonly string[],
  furtherQuestions: readonly string[] = [],
) {
  const somethingIs = await stack.sql<{ missing: string }>(
    `select missing from (values
      ('hlf_sync_audit_log', (select count(*) from public.hlf_sync_audit_log)),
      ('hlf_sync_state', (select count(*) from public.hlf_sync_state)),
      ('hlf_sync_gate', (select count(*) from public.hlf_sync_gate)),
      ('hlf_sync_alerts', (select count(*) from public.hlf_sync_alerts))
    ) as counted (missing, rows) where rows = 0`,
  );
  assertEquals(somethingIs, [], "there has to be something to see");
  const headers = {
    apikey: stack.publishableKey,
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
  };
  async function get(path: string): Promise<unknown> {
    const response = await fetch(`${stack.apiUrl}/rest/v1/${path}`, { headers });
    assertEquals(response.status, 200, path);
    return await response.json();
  }
  async function call(name: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${stack.apiUrl}/rest/v1/rpc/${name}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    assertEquals(response.status, 200, name);
    return await response.json();
  }
  for (const id of organisationIds) {
    for (const table of TABLES) {
      const column = table === "organisations" ? "id" : "organisation_id";
      assertEquals(await get(`${table}?select=*&${column}=eq.${id}`), [], table);
    }
    assertEquals(await call("preview_hlf_sync", { org_id: id }), []);
    assertEquals(
      await call("requeue_hlf_dead_letters", { org_id: id }).then((rows) =>
        ["not_found", "not_coordinator"].includes((rows as { result: string }[])[0]?.result ?? "")
      ),
      true,
    );
    const ever = { org_id: id, from_date: "2020-01-01", to_date: "2100-01-01" };
    const summary = await call("get_hlf_sync_audit_summary", ever);
    assertEquals((summary as { count: number }[]).map(({ count }) => count), [0, 0, 0]);
    assertEquals(await call("get_hlf_sync_audit_days", ever), []);
    const memberships = await get(`organisation_members?organisation_id=eq.${id}&select=role`);
    assert((memberships as { role: string }[]).every(({ role }) => role !== "coordinator"));
  }
  for (const question of furtherQuestions) assertEquals(await get(question), [], question);
  if (furtherQuestions.length > 0) {
    const verified = await fetch(`${stack.apiUrl}/rest/v1/rpc/verify_hlf_sync_audit`, {
      method: "POST",
      headers,
      body: JSON.stringify({ from_day: "2020-01-01", to_day: "2100-01-01" }),
    });
    assertEquals((await verified.json()).code, "42501");
  }
  const forced = await fetch(stack.functionUrl, {
    method: "POST",
    headers,
    body: JSON.stringify({ type: "force_sync", mentor_id: mentor("a1") }),
  });
  assert([403, 404].includes(forced.status));
  assert(!(await forced.text()).includes("Eksempel"));
}
