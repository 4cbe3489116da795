import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { DEFAULT_TENANT_ID } from "./defaults.ts";
import { SimulatorClient, SimulatorClientError } from "./simulator_client.ts";
import { mentorId, tokenForm, withSimulator } from "./testing.ts";

const SEED = [
  { mentorId: mentorId(1), published: true, name: "Kari Prøve" },
  { mentorId: mentorId(2), published: false },
];

Deno.test("SimulatorClient seeds, changes and deletes listings", async () => {
  await withSimulator(async ({ client }) => {
    await client.seed(SEED);
    await client.upsertListing({ mentorId: mentorId(1), published: false });
    await client.upsertListing({ mentorId: mentorId(3), published: true, name: "Ola Prøve" });
    await client.deleteListing(mentorId(2));
    assertEquals(
      (await client.listings()).map(({ mentorId, published, name }) => [mentorId, published, name]),
      [[mentorId(1), false, "Kari Prøve"], [mentorId(3), true, "Ola Prøve"]],
    );
    await assertRejects(() => client.deleteListing(mentorId(2)), SimulatorClientError, "404");
    await client.seed([]);
    assertEquals(await client.listings(), []);
  });
});

Deno.test("SimulatorClient sees the public page lag behind the data", async () => {
  await withSimulator(async ({ client, url }) => {
    await client.seed(SEED);
    assertEquals(await client.website(), [mentorId(1)]);
    await client.upsertListing({ mentorId: mentorId(1), published: false });
    assertEquals(await client.website(), [mentorId(1)]);
    await client.refreshWebsite();
    assertEquals(await client.website(), []);
    await client.setWebsite({ cacheSeconds: 0 });
    await client.upsertListing({ mentorId: mentorId(1), published: true });
    assertEquals(await client.website(), [mentorId(1)]);
    assertStringIncludes(await (await fetch(`${url}/website`)).text(), "Kari Prøve");
  });
});

Deno.test("SimulatorClient.requests() reads on after a sequence number", async () => {
  await withSimulator(async ({ client, token, call }) => {
    const bearer = await token();
    await (await call(bearer, "WhoAmI")).body?.cancel();
    const all = await client.requests();
    assertEquals(all.map((entry) => entry.path), [
      `/${DEFAULT_TENANT_ID}/oauth2/v2.0/token`,
      "/api/data/v9.2/WhoAmI",
    ]);
    assertEquals((await client.requests({ since: all[0]?.sequence ?? 0 })).length, 1);
    await client.clearRequests();
    assertEquals(await client.requests(), []);
  });
});

Deno.test("SimulatorClient.requests() collects more than one answer holds", async () => {
  const entry = {
    receivedAt: "2030-01-01T00:00:00.000Z",
    method: "PATCH",
    path: "/",
    clientRequestId: null,
    mentorId: null,
    published: null,
    status: 204,
    committed: true,
    fault: null,
    overlapped: false,
    inFlight: false,
    concurrent: 1,
  };
  const fetched: string[] = [];
  const client = new SimulatorClient("http://simulator.test/", {
    fetch: (input) => {
      fetched.push(String(input));
      const requests = [{ ...entry, sequence: fetched.length * 10 }];
      return Promise.resolve(Response.json({ requests, more: fetched.length < 3 }));
    },
  });
  assertEquals((await client.requests({ since: 4 })).map(({ sequence }) => sequence), [10, 20, 30]);
  assertEquals(fetched.map((url) => url.replace(/.*since=/, "")), ["4", "10", "20"]);
});

Deno.test("SimulatorClient never sees secrets or tokens in the log", async () => {
  await withSimulator(async ({ client, token, url }) => {
    const bearer = await token();
    const log = JSON.stringify(await client.requests());
    assertEquals(
      log.includes(bearer) || log.includes(tokenForm(url)["client_secret"] ?? ""),
      false,
    );
  });
});

Deno.test("SimulatorClient.setCredentials() replaces the secret", async () => {
  await withSimulator(async ({ client, token }) => {
    await client.setCredentials({ clientSecret: "renewed" });
    await assertRejects(() => token());
    await client.reset();
    await token();
  });
});

Deno.test("SimulatorClient.reset() brings everything back but leaves tokens valid", async () => {
  await withSimulator(async ({ client, token, call }) => {
    const bearer = await token();
    await client.seed(SEED);
    await client.addFault({ times: null, answer: { reset: true } });
    await client.setLimits({ requestsPerWindow: 0 });
    await client.setCredentials({ applicationUser: false, privileged: false });
    await client.reset();
    assertEquals([await client.listings(), await client.requests(), await client.website()], [
      [],
      [],
      [],
    ]);
    assertEquals((await call(bearer, "hlf_mentorlistings")).status, 200);
  });
});

Deno.test("SimulatorClient.setLimits() changes one limit, or switches all off", async () => {
  await withSimulator(async ({ client, token, call }) => {
    const bearer = await token();
    const status = async () => (await call(bearer, "WhoAmI")).status;
    await client.setLimits({ maxConcurrent: 0 });
    assertEquals(await status(), 429);
    await client.setLimits({ requestsPerWindow: 0 });
    await client.setLimits({ maxConcurrent: null });
    assertEquals(await status(), 429);
    await client.setLimits(null);
    assertEquals(await status(), 200);
  });
});

Deno.test("SimulatorClient tells why a control request was refused", async () => {
  await withSimulator(async ({ client, url }) => {
    const error = await assertRejects(
      () => client.setLatency({ seconds: -1 }),
      SimulatorClientError,
      "seconds: ",
    );
    assertEquals(error.code, "refused");
    const answer = await fetch(`${url}/_simulator/latency`, { method: "PUT", body: "{" });
    assertEquals([answer.status, await answer.json()], [400, {
      problems: ["The body is not JSON"],
    }]);
    const unreadable = await fetch(`${url}/_simulator/faults/%zz`, { method: "DELETE" });
    await unreadable.body?.cancel();
    assertEquals(unreadable.status, 400);
    for (const path of ["/_simulator/nothing", "/_simulator/", "/elsewhere"]) {
      const missing = await fetch(url + path);
      await missing.body?.cancel();
      assertEquals(missing.status, 404);
    }
  });
});

Deno.test("SimulatorClient refuses an answer it cannot read", async () => {
  const client = new SimulatorClient("http://simulator.test", {
    fetch: () => Promise.resolve(Response.json({ listings: 7 })),
  });
  assertEquals(
    (await assertRejects(() => client.listings(), SimulatorClientError)).code,
    "unreadable",
  );
});
