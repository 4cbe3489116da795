import { assertEquals } from "@std/assert";
import { createEngine, fakeTokens } from "./engine_fakes.ts";

Deno.test("apply() leaves the gate alone when told so", async () => {
  const { deps, queue } = createEngine();
  await deps.gate.apply({ kind: "none" });
  assertEquals(queue.gateCalls, []);
});

Deno.test("apply() of many at once says it once, and a longer time again", async () => {
  const { deps, queue, time } = createEngine();
  await time.until(Promise.all([
    ...Array.from({ length: 20 }, () => deps.gate.apply({ kind: "throttled", seconds: 10 })),
    ...Array.from(
      { length: 20 },
      () => deps.gate.apply({ kind: "credentials", class: "forbidden" }),
    ),
  ]));
  assertEquals(queue.gateCalls, ["close throttled 10", "close credentials"]);
  await time.until(Promise.all([
    deps.gate.apply({ kind: "throttled", seconds: 5 }),
    deps.gate.apply({ kind: "throttled", seconds: 60 }),
  ]));
  assertEquals(queue.gateCalls.slice(2), ["close throttled 60"]);
});

Deno.test("apply() of a second answer waits until the gate is closed, too", async () => {
  const { deps, queue, time } = createEngine();
  queue.latency.closeGate = 1;
  void deps.gate.apply({ kind: "throttled", seconds: 10 });
  await time.until(deps.gate.apply({ kind: "throttled", seconds: 10 }));
  assertEquals(queue.gateCalls, ["close throttled 10"]);
});

Deno.test("apply() a database that cannot be told is one line, not an error", async () => {
  const { deps, queue, time, problems } = createEngine();
  queue.faults.closeGate = 1;
  await time.until(deps.gate.apply({ kind: "throttled", seconds: 10 }));
  assertEquals(problems(), [{ level: "error", event: "gate_failed", code: "network", status: 0 }]);
  assertEquals(queue.gateCalls, []);
  await time.until(deps.gate.apply({ kind: "throttled", seconds: 5 }));
  assertEquals(queue.gateCalls, ["close throttled 9.995"]);
});

Deno.test("apply() has one line about credentials for all that are refused together", async () => {
  const { deps, time, problems } = createEngine();
  const refuse = () => time.until(deps.gate.apply({ kind: "credentials", class: "forbidden" }));
  await Promise.all([refuse(), refuse()]);
  await refuse();
  const line = { level: "error", event: "credentials_rejected", class: "forbidden" } as const;
  assertEquals(problems(), [line]);
  time.advance(11);
  await time.until(deps.gate.rejectCredentials({ kind: "rejected", aadsts: [7000215] }));
  assertEquals(problems().slice(1), [
    {
      ...line,
      class: "credentials_rejected",
      aadsts: [7000215],
      cause: "DYNAMICS_CLIENT_SECRET is wrong: its value is needed, not its id",
    },
  ]);
});

Deno.test("checkHealth() asks for a new token and for WhoAmI", async () => {
  const tokens = fakeTokens({ kind: "token", token: "t" });
  const { deps, sent, time, queue } = createEngine({ tokens });
  const health = await time.until(deps.gate.checkHealth());
  assertEquals(health, { dynamics: "ok", organisationId: null });
  assertEquals([tokens.renewals, sent.length, queue.healthNotes], [1, 1, [true]]);
});

Deno.test("checkHealth() tells the class of what is wrong", async () => {
  const check = (...options: Parameters<typeof createEngine>) => {
    const { deps, time } = createEngine(...options);
    return time.until(deps.gate.checkHealth());
  };
  assertEquals(await check({ tokens: fakeTokens({ kind: "rejected", aadsts: [] }) }), {
    dynamics: "credentials_rejected",
    gate: "credentials",
  });
  const away = { kind: "unavailable", class: "timeout", retryAfterSeconds: null } as const;
  assertEquals(await check({ tokens: fakeTokens(away) }), { dynamics: "timeout", gate: "none" });
  assertEquals(await check({ whoAmI: () => new Response("", { status: 503 }) }), {
    dynamics: "unavailable",
    gate: "none",
  });
});

Deno.test("checkHealth() says what the answer means for everybody", async () => {
  const answers: [Response, unknown, string[], boolean[]][] = [
    [new Response("", { status: 403 }), { dynamics: "forbidden", gate: "credentials" }, [], []],
    [
      new Response("", { status: 429, headers: { "retry-after": "300" } }),
      { dynamics: "throttled", gate: "throttled" },
      ["close throttled 300"],
      [],
    ],
    [
      new Response("", { status: 503, headers: { "retry-after": "3600000" } }),
      { dynamics: "unavailable", gate: "throttled" },
      ["close throttled 3600"],
      [false],
    ],
    [
      new Response("<html>", { status: 404 }),
      { dynamics: "invalid_response", gate: "none" },
      [],
      [false],
    ],
  ];
  for (const [answer, health, gateCalls, notes] of answers) {
    const { deps, time, queue } = createEngine({ whoAmI: () => answer });
    assertEquals(await time.until(deps.gate.checkHealth()), health as never);
    assertEquals([queue.gateCalls, queue.healthNotes], [gateCalls, notes]);
  }
});

Deno.test("checkHealth() asks nothing while a throttle holds, and all the same while the database is away", async () => {
  const held = createEngine();
  held.queue.isAdmitting = false;
  assertEquals(await held.time.until(held.deps.gate.checkHealth()), {
    dynamics: "throttled",
    gate: "none",
  });
  assertEquals([held.sent.length, held.queue.healthNotes], [0, []]);
  const away = createEngine();
  away.queue.faults = { admitRequest: 1, noteHealth: 1 };
  const health = await away.time.until(away.deps.gate.checkHealth());
  assertEquals([health.dynamics, away.sent.length], ["ok", 1]);
});

Deno.test("reopen() opens the gate only after a health check that passes", async () => {
  const healthy = createEngine();
  assertEquals(await healthy.time.until(healthy.deps.gate.reopen("credentials")), true);
  assertEquals(healthy.queue.gateCalls, ["open credentials"]);
  const ill = createEngine({ whoAmI: () => new Response("", { status: 403 }) });
  assertEquals(await ill.time.until(ill.deps.gate.reopen("credentials")), false);
  assertEquals(ill.queue.gateCalls, []);
});

Deno.test("apply() tells a shorter throttle as well once some time has passed: somebody may have opened the gate", async () => {
  const { deps, queue, time } = createEngine();
  await time.until(deps.gate.apply({ kind: "throttled", seconds: 3600 }));
  await time.until(deps.gate.apply({ kind: "throttled", seconds: 60 }));
  time.advance(2);
  await time.until(deps.gate.apply({ kind: "throttled", seconds: 60 }));
  assertEquals(queue.gateCalls, ["close throttled 3600", "close throttled 60"]);
});

Deno.test("apply() tells a throttle once for answers that come within a second", async () => {
  const { deps, queue, time } = createEngine();
  await time.until(deps.gate.apply({ kind: "throttled", seconds: 10 }));
  time.advance(0.9);
  await time.until(deps.gate.apply({ kind: "throttled", seconds: 9 }));
  assertEquals(queue.gateCalls, ["close throttled 10"]);
});

Deno.test("apply() closes the gate anew when credentials are refused after it was opened", async () => {
  const { deps, queue, time } = createEngine();
  const refuse = () => time.until(deps.gate.apply({ kind: "credentials", class: "forbidden" }));
  await refuse();
  await time.until(deps.gate.reopen("credentials"));
  await refuse();
  assertEquals(queue.gateCalls, ["close credentials", "open credentials", "close credentials"]);
});
