import { assertEquals, assertStringIncludes } from "@std/assert";
import { SimulatorClient } from "../../simulator/simulator_client.ts";
import { startSimulator } from "../../simulator/simulator.ts";
import { FakeTime } from "../../supabase/functions/_shared/fakes.ts";
import { checkCredentials, connectDynamics, ServerClock } from "./dynamics.ts";
import { simulatorDynamics } from "./testing.ts";
import { ENGLISH } from "./words/english.ts";

Deno.test("checkCredentials() says in one line what is wrong", async () => {
  const simulator = await startSimulator({ port: 0 });
  const control = new SimulatorClient(simulator.url);
  const good = simulatorDynamics(simulator.url);
  const problem = async (change: Partial<typeof good> = {}) =>
    await checkCredentials(connectDynamics({ ...good, ...change }), ENGLISH) ?? "none";
  try {
    assertEquals(await problem(), "none");
    assertStringIncludes(await problem({ clientSecret: "other" }), "secret is wrong");
    assertStringIncludes(await problem({ clientId: crypto.randomUUID() }), "no application");
    assertStringIncludes(await problem({ tenantId: crypto.randomUUID() }), "no such tenant");
    assertStringIncludes(
      await problem({ authorityHost: "http://127.0.0.1:9" }),
      "no token (network)",
    );

    await control.setCredentials({ secretExpired: true });
    assertStringIncludes(await problem(), "has expired (AADSTS7000222)");
    await control.setCredentials({ secretExpired: false, applicationUser: false });
    assertStringIncludes(await problem(), "no application user");
    await control.setCredentials({ applicationUser: true });
    await control.addFault({
      match: { target: "whoami" },
      answer: { status: 403, code: "0x80040220" },
    });
    assertStringIncludes(await problem(), "lacks a right");
    // For good: on a connection that was open already, a GET is sent once more by itself.
    const match = { target: "whoami" } as const;
    const reset = await control.addFault({ match, times: null, answer: { reset: true } });
    assertStringIncludes(await problem(), "cannot be reached");
    await control.removeFault(reset);
    await control.addFault({
      match: { target: "whoami" },
      answer: { status: 404, contentType: "text/html", body: "<html>" },
    });
    assertStringIncludes(await problem(), "HTTP 404");
  } finally {
    await simulator.stop();
  }
});

const answer = (date: string | null, ok = true) => ({
  ok,
  headers: new Headers(date === null ? {} : { date }),
});

Deno.test("ServerClock tells Dynamics' time, whatever this machine's clock says", async () => {
  const time = new FakeTime();
  const local = time.epoch();
  for (const hours of [-24 * 365 * 20, -1, 1, 24 * 365]) {
    const clock = new ServerClock({
      epoch: () => local + hours * 3_600_000,
      monotonic: () => time.monotonic(),
    });
    assertEquals([clock.now(), clock.secondsAhead()], [local + hours * 3_600_000, null]);
    const server = Math.floor(local / 1000) * 1000;
    clock.observe(answer(new Date(server).toUTCString()));
    assertEquals(Math.abs(clock.now() - server) <= 1000, true);
    assertEquals(Math.round((clock.secondsAhead() ?? 0) / 3600), hours);
  }
  const clock = new ServerClock(time);
  clock.observe(answer(new Date(local - 600_000).toUTCString()));
  await time.pass(90);
  assertEquals(Math.abs(clock.now() - (local - 600_000 + 90_000)) <= 1000, true);
});

Deno.test("ServerClock believes no answer that is a fault, and no date that is none", () => {
  const time = new FakeTime();
  const clock = new ServerClock(time);
  const far = new Date(time.epoch() + 999_999_999).toUTCString();
  for (const one of [answer(far, false), answer("yesterday"), answer(null)]) clock.observe(one);
  assertEquals([clock.now(), clock.secondsAhead()], [time.epoch(), null]);
  clock.observe(answer(new Date(time.epoch() - 30_000).toUTCString()));
  assertEquals(clock.secondsAhead(), 0);
});
