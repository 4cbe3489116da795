/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { Browser, Page } from "playwright-core";
import { startConfiguredStack } from "../../local/stack/configured_stack.ts";
import {
  eventually,
  mentor,
  ORGANISATION_A,
  setStatus,
  settled,
} from "../../local/stack/observe.ts";
import type { Stack } from "../../local/stack/stack_types.ts";
import { serveConsole } from "../serve.ts";
import { launchBrowser, type Visit, visit } from "./browser.ts";

/** A stack, the page on a host of its own, and a browser to look at it with. */
export interface World {
  readonly stack: Stack;
  readonly consoleUrl: string;
  readonly browser: Browser;
}

/** Runs scenarios on one stack, one after the other, each from a state where all is in step. */
export function consoleTest(
  name: string,
  scenarios: Record<string, (world: World) => Promise<void>>,
  functionEnvironment: Record<string, string> = {},
): void {
  // PGlite leaves exit codes of its own behind, which Deno would take for the test's.
  Deno.test({ name, sanitizeExit: false }, async (t) => {
    await using resources = new AsyncDisposableStack();
    resources.defer(() => void (Deno.exitCode = 0));
    const stack = await startConfiguredStack({
      ports: "free",
      cron: false,
      websiteCacheSeconds: 0,
      functionEnvironment,
    });
    resources.defer(() => stack.stop());
    const { url: consoleUrl, stop } = await serveConsole({
      port: 0,
      apiUrl: stack.apiUrl,
      publishableKey: stack.publishableKey,
    });
    resources.defer(stop);
    const seeded = await stack.sql<{ id: string; status: string }>(
      "select id, status::text from public.mentors",
    );
    const browser = await launchBrowser();
    resources.defer(() => browser.close());
    async function restore() {
      for (const context of browser.contexts()) await context.close();
      await stack.simulator.clearFaults();
      // Back to the status of the seed: a change makes whoever is stuck due again.
      for (const { id, status } of seeded) {
        await stack.sql(
          `update public.mentors set status = $2::text::public.mentor_status
           where id = $1::text::uuid and status <> $2::text::public.mentor_status`,
          [id, status],
        );
      }
    }
    for (const [scenario, run] of Object.entries(scenarios)) {
      await t.step({
        name: scenario,
        sanitizeExit: false,
        async fn() {
          await settled(stack);
          try {
            await run({ stack, consoleUrl, browser });
          } finally {
            await restore();
          }
        },
      });
    }
  });
}

/** Makes Dynamics refuse mentors for good, and pauses them, so that they are stuck. */
export async function makeStuck(stack: Stack, codes: readonly string[]): Promise<void> {
  for (const code of codes) {
    await stack.simulator.addFault({
      match: { method: "PATCH", mentorId: mentor(code) },
      times: null,
      answer: { status: 400, code: "0x80048d19", message: "No." },
    });
    await setStatus(stack, code, "paused");
  }
  await eventually("all are stuck", async () => {
    const [row] = await stack.sql<{ stuck: number }>(
      `select count(*)::integer as stuck from public.hlf_sync_state
       where dead_lettered_at is not null and mentor_id = any ($1::text[]::uuid[])`,
      [codes.map(mentor)],
    );
    return row?.stuck === codes.length;
  });
}

/** Opens the page and signs a demo coordinator in. */
export async function signedIn(
  { stack, consoleUrl, browser }: World,
  options: Parameters<typeof visit>[1] & { organisationId?: string } = {},
): Promise<Visit> {
  const visited = await visit(browser, options);
  const coordinator = stack.coordinators.find(({ organisationId }) =>
    organisationId === (options.organisationId ?? ORGANISATION_A)
  );
  if (coordinator === undefined) throw new Error("No such demo coordinator");
  await visited.page.goto(consoleUrl);
  await signIn(visited.page, coordinator);
  await visited.page.locator(".verdict").waitFor();
  return visited;
}

export async function signIn(
  page: Page,
  { email, password }: { email: string; password: string },
): Promise<void> {
  await page.getByLabel("E-post").fill(email);
  await page.getByLabel("Passord", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Logg inn" }).click();
}

/** Goes to a view by the menu. */
export async function open(page: Page, name: "Oversikt" | "Likepersoner" | "Logg"): Promise<void> {
  const menu = page.getByRole("navigation", { name: "Hovedmeny" });
  await menu.getByRole("link", { name, exact: true }).click();
}

/** The row of a mentor in a list. */
export function row(page: Page, name: string) {
  return page.locator("li.mentor").filter({ hasText: name });
}
