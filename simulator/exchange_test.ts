import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type FaultAnswer } from "./fault_rules.ts";
import { mentorId, type RunningSimulator, withSimulator } from "./testing.ts";

const SEED = [{ mentorId: mentorId(1), published: true }, {
  mentorId: mentorId(2),
  published: true,
}];

/** A sleep that ends when the test says so. */
function createGate() {
  const waiting: { seconds: number; open: () => void }[] = [];
  const arrivals: (() => void)[] = [];
  return {
    sleep: (seconds: number) =>
      new Promise<void>((open) => {
        waiting.push({ seconds, open });
        arrivals.shift()?.();
      }),
    /** Resolves once one more request sleeps. */
    arrival: () => new Promise<void>((resolve) => arrivals.push(resolve)),
    openAll: () => waiting.splice(0).map(({ seconds, open }) => (open(), seconds)),
  };
}

async function strikeNextPatch(running: RunningSimulator, answer: FaultAnswer): Promise<void> {
  await running.client.seed(SEED);
  await running.client.addFault({ match: { target: "patch" }, answer });
  await running.client.clearRequests();
}

async function isPublished({ client }: RunningSimulator): Promise<boolean | undefined> {
  return (await client.listings())[0]?.published;
}

Deno.test("a status fault answers a Dataverse error and nothing takes effect", async () => {
  await withSimulator(async (running) => {
    const token = await running.token();
    await strikeNextPatch(running, {
      status: 500,
      code: "0x80044150",
      message: "Deadlock.",
      headers: { "retry-after": "Mon, 01 Jan 2035 00:00:00 GMT" },
    });
    const response = await running.patch(token, mentorId(1), false);
    assertEquals(response.status, 500);
    assertEquals(response.headers.get("retry-after"), "Mon, 01 Jan 2035 00:00:00 GMT");
    assertEquals(await response.json(), { error: { code: "0x80044150", message: "Deadlock." } });
    assertEquals(await isPublished(running), true);
    const [entry] = await running.client.requests();
    assertEquals([entry?.status, entry?.committed, entry?.fault], [500, false, "fault-1"]);
  });
});

Deno.test("a status fault can be HTML, empty, a 401 and a token error", async () => {
  await withSimulator(async (running) => {
    const token = await running.token();
    await strikeNextPatch(running, { status: 502, body: "<html>Bad gateway</html>" });
    const html = await running.patch(token, mentorId(1), false);
    assertEquals(html.headers.get("content-type"), "text/html");
    assertEquals(await html.text(), "<html>Bad gateway</html>");
    await strikeNextPatch(running, { status: 503, body: "" });
    const empty = await running.patch(token, mentorId(1), false);
    assertEquals([empty.status, await empty.text()], [503, ""]);
    await strikeNextPatch(running, { status: 401 });
    const unauthorised = await running.patch(token, mentorId(1), false);
    assertEquals(await unauthorised.text(), "");
    assertMatch(unauthorised.headers.get("www-authenticate") ?? "", /^Bearer /);
    await running.client.addFault({ match: { target: "token" }, answer: { status: 503 } });
    await assertRejects(() => running.token());
  });
});

Deno.test("an empty-code fault leaves everything else as it is", async () => {
  await withSimulator(async (running) => {
    const token = await running.token();
    await strikeNextPatch(running, { emptyCode: true });
    const response = await running.patch(token, mentorId(9), false);
    assertEquals([response.status, await response.json()], [404, {
      error: {
        code: "",
        message:
          "A record with the specified key values does not exist in hlf_mentorlisting entity",
      },
    }]);
  });
});

Deno.test("a reset fault gives the client no answer, once, and nothing takes effect", async () => {
  await withSimulator(async (running) => {
    const token = await running.token();
    await strikeNextPatch(running, { reset: true });
    await assertRejects(() => running.patch(token, mentorId(1), false), TypeError);
    const requests = await running.client.requests();
    assertEquals(
      requests.map(({ status, committed, inFlight }) => ({ status, committed, inFlight })),
      [
        { status: null, committed: false, inFlight: false },
      ],
    );
    assertEquals(await isPublished(running), true);
    assertEquals((await running.patch(token, mentorId(1), false)).status, 204);
  });
});

Deno.test("a commit-then-reset fault takes effect and the answer is lost", async () => {
  await withSimulator(async (running) => {
    const token = await running.token();
    await strikeNextPatch(running, { commitThenReset: true });
    await assertRejects(() => running.patch(token, mentorId(1), false), TypeError);
    const [entry] = await running.client.requests();
    assertEquals([entry?.status, entry?.committed], [null, true]);
    assertEquals(await isPublished(running), false);
  });
});

Deno.test("a delay fault works at once and answers late", async () => {
  const gate = createGate();
  await withSimulator(async (running) => {
    const token = await running.token();
    await strikeNextPatch(running, { delaySeconds: 30 });
    const arrival = gate.arrival();
    const response = running.patch(token, mentorId(1), false);
    await arrival;
    assertEquals(await isPublished(running), false);
    assertEquals((await running.client.requests())[0]?.inFlight, true);
    assertEquals(gate.openAll(), [30]);
    assertEquals((await response).status, 204);
  }, { sleep: gate.sleep });
});

Deno.test("a late-commit fault takes effect although the client has hung up", async () => {
  const gate = createGate();
  await withSimulator(async (running) => {
    const token = await running.token();
    await strikeNextPatch(running, { delaySeconds: 30, lateCommit: true });
    const arrival = gate.arrival();
    const abort = new AbortController();
    const response = running.patch(token, mentorId(1), false, { signal: abort.signal });
    await arrival;
    assertEquals(await isPublished(running), true);
    abort.abort();
    await assertRejects(() => response, DOMException);
    while ((await running.client.requests())[0]?.inFlight === true);
    gate.openAll();
    assertEquals(await isPublished(running), false);
    const [entry] = await running.client.requests();
    assertEquals([entry?.status, entry?.committed], [null, true]);
  }, { sleep: gate.sleep });
});

Deno.test("a delay fault can end in another answer", async () => {
  await withSimulator(async (running) => {
    const token = await running.token();
    await strikeNextPatch(running, { delaySeconds: 30, then: { status: 504 } });
    assertEquals((await running.patch(token, mentorId(1), false)).status, 504);
    assertEquals(await isPublished(running), true);
    await strikeNextPatch(running, { delaySeconds: 30, then: { commitThenReset: true } });
    await assertRejects(() => running.patch(token, mentorId(1), false), TypeError);
    assertEquals(await isPublished(running), false);
  }, { sleep: () => Promise.resolve() });
});

Deno.test("faults strike only what they match", async () => {
  await withSimulator(async ({ client, token, call, patch }) => {
    await client.seed(SEED);
    const bearer = await token();
    const status = 503;
    await client.addFault({ times: null, match: { mentorId: mentorId(1) }, answer: { status } });
    const query = await client.addFault({
      times: null,
      match: { target: "query" },
      answer: { status },
    });
    assertEquals((await patch(bearer, mentorId(1), false)).status, 503);
    assertEquals((await patch(bearer, mentorId(2), false)).status, 204);
    assertEquals((await call(bearer, "WhoAmI")).status, 200);
    assertEquals((await call(bearer, "hlf_mentorlistings")).status, 503);
    await client.removeFault(query);
    assertEquals((await call(bearer, "hlf_mentorlistings")).status, 200);
    await client.clearFaults();
    assertEquals((await patch(bearer, mentorId(1), false)).status, 204);
  });
});

Deno.test("the log tells what was received, with overlaps per mentor", async () => {
  const gate = createGate();
  await withSimulator(async ({ client, token, patch }) => {
    await client.seed(SEED);
    const bearer = await token();
    await client.setLatency({ seconds: 1 });
    const headers = { "x-ms-client-request-id": mentorId(77) };
    const sent: Promise<Response>[] = [];
    for (const [mentor, published] of [[1, false], [2, false], [1, true]] as const) {
      const arrival = gate.arrival();
      sent.push(patch(bearer, mentorId(mentor), published, { headers }));
      await arrival;
    }
    gate.openAll();
    await Promise.all(sent);
    const [tokenRequest, ...patches] = await client.requests();
    assertEquals([tokenRequest?.method, tokenRequest?.mentorId, tokenRequest?.status], [
      "POST",
      null,
      200,
    ]);
    assertEquals(
      patches.map((entry) => [entry.mentorId, entry.published, entry.overlapped, entry.concurrent]),
      [[mentorId(1), false, false, 1], [mentorId(2), false, false, 2], [
        mentorId(1),
        true,
        true,
        3,
      ]],
    );
    assertEquals(patches.map((entry) => [entry.clientRequestId, entry.status, entry.committed]), [
      [mentorId(77), 204, true],
      [mentorId(77), 204, true],
      [mentorId(77), 204, true],
    ]);
  }, { sleep: gate.sleep });
});

Deno.test("concurrency above the limit answers 429 at once", async () => {
  const gate = createGate();
  await withSimulator(async ({ client, token, patch }) => {
    await client.seed(SEED);
    const bearer = await token();
    await client.setLatency({ seconds: 1 });
    await client.setLimits({ maxConcurrent: 1 });
    const arrival = gate.arrival();
    const first = patch(bearer, mentorId(1), false);
    await arrival;
    const refused = await patch(bearer, mentorId(2), false);
    assertEquals([refused.status, refused.headers.get("retry-after")], [429, "1"]);
    gate.openAll();
    assertEquals((await first).status, 204);
    await client.setLatency({ seconds: 0 });
    assertEquals((await patch(bearer, mentorId(2), false)).status, 204);
  }, { sleep: gate.sleep });
});
