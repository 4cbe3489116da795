import { assertEquals, assertStringIncludes } from "@std/assert";
import { SimulatorClient } from "../../local/dataverse/simulator_client.ts";
import { startSimulator } from "../../local/dataverse/simulator.ts";
import { checkCredentials, connectDynamics } from "./dynamics.ts";
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
