import { assertEquals, assertRejects } from "@std/assert";
import { parseConfig } from "../../check_settings.ts";
import { createConsoleClient } from "./client.ts";
import { askAhead, likelyOrganisation, takeAnswer } from "./head_start.ts";
import { readNews } from "./news.ts";
import { readOrganisations } from "./session.ts";
import { signIn } from "./testing.ts";

const ORGANISATION = "00000000-0000-4000-8000-00000000000a";
const NOW = Date.parse("2026-11-26T12:00:00Z");
const CONFIG = parseConfig({
  supabaseUrl: "https://project.example.org",
  publishableKey: "sb_publishable_x",
});
const NEWS = { read_at: "2026-11-22T12:00:00Z", organisation: null, state_count: 0, states: [] };

function session(token: unknown, secondsLeft: number): string {
  return JSON.stringify({ access_token: token, expires_at: NOW / 1000 + secondsLeft });
}

/** What is asked ahead by whoever holds this session, and by which paths. */
function ahead(stored: string | null, organisationId: string | null = ORGANISATION) {
  const asked: string[] = [];
  const get: typeof fetch = (input) => {
    const { pathname } = new URL(String(input));
    asked.push(pathname.split("/").at(-1) ?? "");
    return Promise.resolve(Response.json(pathname.endsWith("news") ? NEWS : []));
  };
  return { headStart: askAhead(CONFIG, stored, organisationId, NOW, get), asked };
}

Deno.test("askAhead() asks for whoever is signed in for a while yet, and for nobody else", () => {
  const both = ["get_hlf_organisations", "read_hlf_sync_news"];
  assertEquals(ahead(session("token", 3600)).asked, both);
  for (const stored of [null, "null", "[]", "7", session("token", 60), session(7, 3600)]) {
    assertEquals(ahead(stored).asked, [], String(stored));
  }
  assertEquals(ahead(session("token", 3600), null).asked, []);
});

Deno.test("likelyOrganisation() goes by the address first, and by the last visit next", () => {
  assertEquals(likelyOrganisation("#/logg?org=a", "b"), "a");
  assertEquals(likelyOrganisation("#/logg", "b"), "b");
  assertEquals(likelyOrganisation("", ""), null);
});

Deno.test("The page takes what was asked ahead for its own, once, and asks nothing twice", async () => {
  const { headStart } = ahead(session("token", 3600));
  const asked: string[] = [];
  const client = createConsoleClient(CONFIG, (input) => {
    asked.push(String(input));
    return Promise.resolve(Response.json(NEWS));
  }, headStart);
  signIn(client);
  assertEquals(await readOrganisations(client), []);
  assertEquals((await readNews(client, ORGANISATION, null)).read_at, NEWS.read_at);
  assertEquals(asked, []);
  await readNews(client, ORGANISATION, null);
  assertEquals(asked.length, 1);
});

Deno.test("The page asks the database of its own host, ahead as well, where that passes on", async () => {
  const config = { ...CONFIG, asksThroughHost: true };
  const asked: string[] = [];
  const get: typeof fetch = (input) => {
    asked.push(String(input));
    return Promise.resolve(Response.json([]));
  };
  const given = Object.getOwnPropertyDescriptor(globalThis, "location") ?? {};
  const location = new URL("https://page.example.org/app/?a#b");
  Object.defineProperty(globalThis, "location", { value: location, configurable: true });
  try {
    const stored = session("token", 3600);
    const client = createConsoleClient(
      config,
      get,
      askAhead(config, stored, ORGANISATION, NOW, get),
    );
    signIn(client);
    await readOrganisations(client);
    await client.functions.invoke("hlf-sync");
    await client.auth.signInWithOtp({ email: "koordinator@example.org" });
  } finally {
    Object.defineProperty(globalThis, "location", given);
  }
  // The other two still of the project.
  assertEquals(asked, [
    "https://page.example.org/rest/v1/rpc/get_hlf_organisations",
    "https://page.example.org/rest/v1/rpc/read_hlf_sync_news",
    "https://project.example.org/functions/v1/hlf-sync",
    "https://project.example.org/auth/v1/otp",
  ]);
});

Deno.test("takeAnswer() gives nothing that was asked about something else or for another session", async () => {
  const { headStart } = ahead(session("token", 3600));
  const url = "https://project.example.org/rest/v1/rpc/read_hlf_sync_news";
  const body = JSON.stringify({ org_id: ORGANISATION });
  assertEquals(takeAnswer(headStart, url, body, "another"), null);
  assertEquals(takeAnswer(headStart, url, "{}", "token"), null);
  assertEquals((await takeAnswer(headStart, url, body, "token"))?.status, 200);
  assertEquals(takeAnswer(headStart, url, body, "token"), null);
});

Deno.test("A question asked ahead that fails is told to whoever takes it", async () => {
  const broken = () => Promise.reject(new TypeError("no contact"));
  const headStart = askAhead(CONFIG, session("token", 3600), ORGANISATION, NOW, broken);
  const [key = ""] = headStart.keys();
  const [url = "", body] = key.split("\n");
  await assertRejects(async () => await takeAnswer(headStart, url, body, "token"), TypeError);
});
