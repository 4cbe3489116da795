import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { mentor, ORGANISATION_A } from "../../stack/observe.ts";
import { visit } from "./browser.ts";
import { type Scenarios, signedIn, signIn, withSettings } from "./harness.ts";
import { assertAccessible } from "./page_checks.ts";

const ANY_ORIGIN = { "access-control-allow-origin": "*" };

export const signingIn: Scenarios = {
  "a link that is too old is told, and nothing of it stays in the address": async (world) => {
    const { page } = await visit(world.browser);
    await page.goto(
      `${world.consoleUrl}/#error=access_denied&error_code=otp_expired&error_description=x`,
    );
    await page.getByText("Lenken er brukt eller for gammel.").waitFor();
    assertEquals(page.url(), `${world.consoleUrl}/`);
    await page.getByText("under «Glemt passord?»").waitFor();
    await assertAccessible(page, "an old link");
    // Where nobody has a password, it is not sent there.
    const without = await withSettings(world, page.context(), { signIn: ["email_code"] });
    await page.goto(`${without}/#error=access_denied&error_code=otp_expired`);
    await page.getByText("Logg inn på nytt her.").waitFor();
  },

  "a recovery link ends in a form, and with that in the page": async (world) => {
    const { page: signed } = await signedIn(world);
    const session = await sessionOf(signed);
    const { page, context } = await visit(world.browser);
    let chosen: unknown = null;
    await context.route(/\/auth\/v1\/user$/, async (route) => {
      if (route.request().method() !== "PUT") return route.continue();
      chosen = route.request().postDataJSON();
      await route.fulfill({ status: 200, headers: ANY_ORIGIN, json: session.user });
    });
    const fragment = new URLSearchParams({
      access_token: session.access_token,
      refresh_token: session.refresh_token,
      expires_in: "3600",
      token_type: "bearer",
      type: "recovery",
    });
    await page.goto(`${world.consoleUrl}/#${fragment}`);
    await page.getByRole("heading", { name: "Velg et passord" }).waitFor();
    assertEquals(page.url(), `${world.consoleUrl}/`);
    await assertAccessible(page, "a new password");
    await page.getByLabel("Nytt passord").fill("et langt og nytt passord");
    await page.getByRole("button", { name: "Lagre passordet" }).click();
    await page.locator(".verdict").waitFor();
    assertEquals(chosen, {
      password: "et langt og nytt passord",
      code_challenge: null,
      code_challenge_method: null,
    });
  },

  "a code by e-mail signs in, in the order that the host has set": async (world) => {
    const { page: signed } = await signedIn(world);
    const session = await sessionOf(signed);
    const { page, context } = await visit(world.browser);
    const address = await withSettings(world, context, { signIn: ["email_code", "azure"] });
    const asked: unknown[] = [];
    await context.route(/\/auth\/v1\/(otp|verify)/, async (route) => {
      asked.push(route.request().postDataJSON());
      const isOtp = route.request().url().includes("/otp");
      await route.fulfill({ status: 200, headers: ANY_ORIGIN, json: isOtp ? {} : session });
    });
    await page.goto(address);
    await page.getByRole("button", { name: "Logg inn med Microsoft" }).waitFor();
    assertEquals(await page.getByLabel("Passord").count(), 0);
    await page.getByLabel("E-post").fill("nordfjell@example.org");
    await page.getByRole("button", { name: "Send meg en kode" }).click();
    await page.getByLabel("Kode").fill("123 456");
    await page.getByRole("button", { name: "Logg inn", exact: true }).click();
    await page.locator(".verdict").waitFor();
    const [otp, verify] = asked as [{ create_user: boolean }, { token: string }];
    assertEquals([otp.create_user, verify.token], [false, "123456"]);
  },

  "Microsoft is asked by way of the project, with a proof that only this browser has": async (
    world,
  ) => {
    const { page, context } = await visit(world.browser);
    const address = await withSettings(world, context, { signIn: ["azure"] });
    await context.route(/\/auth\/v1\/authorize/, (route) => route.fulfill({ body: "there" }));
    await page.goto(address);
    await page.getByRole("button", { name: "Logg inn med Microsoft" }).click();
    await page.waitForURL(/\/auth\/v1\/authorize/);
    const { searchParams } = new URL(page.url());
    assertEquals(searchParams.get("provider"), "azure");
    assert((searchParams.get("code_challenge") ?? "").length > 40);
  },

  "the way back from Microsoft leads to where one wanted to go": async (world) => {
    const { page: signed } = await signedIn(world);
    const session = await sessionOf(signed);
    const { page, context } = await visit(world.browser);
    const address = await withSettings(world, context, { signIn: ["azure"] });
    await context.route(/\/auth\/v1\/authorize/, (route) => {
      const back = new URL(new URL(route.request().url()).searchParams.get("redirect_to") ?? "");
      back.searchParams.set("code", "a-code");
      return route.fulfill({ status: 302, headers: { location: back.href } });
    });
    await context.route(
      /\/auth\/v1\/token\?grant_type=pkce/,
      (route) => route.fulfill({ status: 200, headers: ANY_ORIGIN, json: session }),
    );
    await page.goto(`${address}/#/likeperson/${mentor("a1")}?org=${ORGANISATION_A}`);
    await page.getByRole("button", { name: "Logg inn med Microsoft" }).click();
    await page.getByRole("heading", { name: "Åse Eksempel" }).waitFor();
    assert(!page.url().includes("a-code"), page.url());
  },

  "a second factor is asked for where there is one, before anything is read": async (world) => {
    const { page, context } = await visit(world.browser);
    const factor = {
      id: "0b6ccd33-0000-4000-8000-000000000001",
      factor_type: "totp",
      status: "verified",
    };
    const read: string[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/rest/v1/")) read.push(request.url());
    });
    // The stand-in for Auth has no factors, so they are added to what it answers.
    const withFactor = (user: object) => ({ ...user, factors: [factor] });
    let whole: { user: object } | null = null;
    await context.route(/\/auth\/v1\/token\?grant_type=password/, async (route) => {
      const answer = await route.fetch();
      const session = await answer.json();
      whole = { ...session, user: withFactor(session.user) };
      await route.fulfill({ response: answer, json: whole });
    });
    await context.route(/\/auth\/v1\/user$/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: withFactor(await answer.json()) });
    });
    await context.route(
      /\/auth\/v1\/factors\/[^/]+\/challenge$/,
      (route) =>
        route.fulfill({
          status: 200,
          headers: ANY_ORIGIN,
          json: { id: "a-challenge", type: "totp", expires_at: 4e9 },
        }),
    );
    await context.route(/\/auth\/v1\/factors\/[^/]+\/verify$/, (route) => {
      const { code } = route.request().postDataJSON();
      return route.fulfill(
        code === "123456" ? { status: 200, headers: ANY_ORIGIN, json: whole } : {
          status: 422,
          headers: ANY_ORIGIN,
          json: { error_code: "mfa_verification_failed", msg: "x" },
        },
      );
    });
    await page.goto(world.consoleUrl);
    await signIn(page, { email: "nordfjell@example.org", password: "demo-password" });
    await page.getByRole("heading", { name: "Bekreft at det er deg" }).waitFor();
    await assertAccessible(page, "a second factor");
    // Nor does a reload lead past it.
    await page.reload();
    await page.getByLabel("Kode").fill("000 000");
    await page.getByRole("button", { name: "Logg inn", exact: true }).click();
    await page.getByText("Koden stemmer ikke").waitFor();
    assertEquals(read, []);
    await page.getByLabel("Kode").fill("123 456");
    await page.getByRole("button", { name: "Logg inn", exact: true }).click();
    await page.getByText("Ja. Nettsiden stemmer").waitFor();
  },

  "problems are told by their code, not by their status": async (world) => {
    const { page, context } = await visit(world.browser);
    await page.goto(world.consoleUrl);
    for (
      const [status, error_code, said] of [
        [400, "captcha_failed", "kontroll mot roboter"],
        [400, "user_banned", "Kontoen er sperret"],
        [500, "unexpected_failure", "svarer med en feil"],
      ] as const
    ) {
      await context.route(
        /\/auth\/v1\/token/,
        (route) => route.fulfill({ status, headers: ANY_ORIGIN, json: { error_code, msg: "x" } }),
      );
      await signIn(page, { email: "nordfjell@example.org", password: "x" });
      await page.getByText(said).waitFor();
      await context.unroute(/\/auth\/v1\/token/);
    }
  },

  "a session that ended in the night says so, and keeps the address": async (world) => {
    const { page, context } = await signedIn(world);
    await page.goto(`${world.consoleUrl}/#/likeperson/${mentor("a1")}`);
    await page.getByRole("heading", { name: "Åse Eksempel" }).waitFor();
    await context.route(/\/auth\/v1\/token/, (route) =>
      route.fulfill({
        status: 400,
        headers: ANY_ORIGIN,
        json: { error_code: "refresh_token_not_found", msg: "x" },
      }));
    await page.evaluate(() => {
      const key = Object.keys(localStorage).find((key) => key.endsWith("-auth-token")) ?? "";
      const session = JSON.parse(localStorage.getItem(key) ?? "{}");
      localStorage.setItem(key, JSON.stringify({ ...session, expires_at: 1 }));
    });
    await page.reload();
    await page.getByText("Du er blitt logget ut.").waitFor();
    assert(page.url().includes(mentor("a1")), page.url());
  },
};

/** The session that a page holds. */
function sessionOf(page: Page) {
  return page.evaluate(() => {
    const key = Object.keys(localStorage).find((key) => key.endsWith("-auth-token")) ?? "";
    return JSON.parse(localStorage.getItem(key) ?? "{}");
  });
}
