import { LISTING_KEY } from "../../../simulator/defaults.ts";
import type { FaultAnswer, FaultRule } from "../../../simulator/simulator_client.ts";
import type { Outage } from "./outage.ts";
import { REQUEST_TIMEOUT_SECONDS, type Stage } from "./stage.ts";

const PAGE = { body: "<html><body>Sorry</body></html>", contentType: "text/html" };

/** Everything that Dataverse answers; Entra goes on giving tokens. */
function dataverse(answer: FaultAnswer): Omit<FaultRule, "times">[] {
  return (["patch", "query", "whoami"] as const).map((target) => ({ match: { target }, answer }));
}

/** Dynamics or Entra answers like this while two mentors wait. */
function answering(name: string, ...rules: Omit<FaultRule, "times">[]): Outage {
  return {
    name,
    async begin(stage) {
      const end = await stage.fault(...rules);
      await stage.pause("a1", "b1");
      return end;
    },
  };
}

/** Every update is refused, while Dynamics is well: three mentors wait. */
function everybody(name: string, ...rules: Omit<FaultRule, "times">[]): Outage {
  return {
    name,
    async begin(stage) {
      const end = await stage.fault(...rules);
      await stage.pause("a1", "a2", "b1");
      return end;
    },
  };
}

/** A description of tables, as far as it goes. */
function tables(...value: unknown[]): FaultAnswer {
  return { status: 200, body: JSON.stringify({ value }), contentType: "application/json" };
}

/** One mentor's updates end like this; a dead letter is requeued once that is over. */
function forOne(name: string, answer: FaultAnswer): Outage {
  return {
    name,
    async begin(stage) {
      const end = await stage.fault({
        match: { target: "patch", mentorId: stage.id("a1") },
        answer,
      });
      await stage.pause("a1", "b1");
      return async () => {
        await end();
        await stage.requeue();
      };
    },
  };
}

/** A token that nobody checks, for an address that only the function knows. */
async function atAddress(stage: Stage, url: string): Promise<() => Promise<void>> {
  const end = await stage.fault({
    match: { target: "token" },
    answer: {
      status: 200,
      body: JSON.stringify({ token_type: "Bearer", expires_in: 3600, access_token: "any" }),
      contentType: "application/json",
    },
  });
  await stage.stack.restartFunction({ DYNAMICS_URL: url });
  await stage.pause("a1", "b1");
  return async () => {
    await end();
    await stage.stack.restartFunction({ DYNAMICS_URL: stage.stack.simulatorUrl });
  };
}

export const DYNAMICS_OUTAGES: readonly Outage[] = [
  {
    name: "Dynamics' name does not resolve",
    begin: (stage) => atAddress(stage, "https://dynamics.invalid"),
  },
  {
    name: "Dynamics' certificate is not accepted",
    // Whoever greets with TLS and meets plain HTTP fails in the same place.
    begin: (stage) => atAddress(stage, stage.stack.simulatorUrl.replace("http:", "https:")),
  },
  answering(
    "A proxy answers every request with a page of its own",
    ...dataverse({ status: 200, ...PAGE }),
  ),
  answering(
    "The environment was renamed, moved or deleted",
    ...dataverse({ status: 404, ...PAGE }),
  ),
  answering("Dynamics answers 503", ...dataverse({ status: 503 })),
  answering(
    "Dynamics answers 500 with an error of its own",
    ...dataverse({ status: 500, code: "0x80040216" }),
  ),
  {
    name: "Dynamics does not answer in time",
    async begin(stage) {
      const end = await stage.fault(...dataverse({ delaySeconds: 2, then: { status: 503 } }));
      await stage.stack.restartFunction({ HLF_SYNC_REQUEST_TIMEOUT_SECONDS: "1" });
      await stage.pause("a1", "b1");
      return async () => {
        await end();
        await stage.stack.restartFunction({
          HLF_SYNC_REQUEST_TIMEOUT_SECONDS: REQUEST_TIMEOUT_SECONDS,
        });
      };
    },
  },
  answering("Only updates fail, of several mentors", {
    match: { target: "patch" },
    answer: { status: 500, code: "0x80040216" },
  }),
  forOne("Only one mentor's updates fail", { status: 500, code: "0x80040216" }),
  {
    name: "Entra's name does not resolve",
    async begin(stage) {
      await stage.stack.restartFunction({ DYNAMICS_AUTHORITY_HOST: "https://login.invalid" });
      await stage.pause("a1", "b1");
      return () =>
        stage.stack.restartFunction({ DYNAMICS_AUTHORITY_HOST: stage.stack.simulatorUrl });
    },
  },
  {
    name: "Entra answers 503",
    async begin(stage) {
      const end = await stage.fault({ match: { target: "token" }, answer: { status: 503 } });
      // An isolate that has a token goes on with it for an hour.
      await stage.stack.restartFunction();
      await stage.pause("a1", "b1");
      return end;
    },
  },
  {
    name: "Dynamics asks for a day's patience (429, Retry-After)",
    async begin(stage) {
      const end = await stage.fault({
        match: { target: "patch" },
        answer: { status: 429, headers: { "retry-after": "86400" } },
      });
      await stage.pause("a1", "b1");
      return async () => {
        await end();
        await stage.stack.sql("select hlf_sync.open_gate('throttled')");
      };
    },
  },
  everybody(
    "A column was renamed",
    { match: { target: "patch" }, answer: { status: 400, code: "0x80060888" } },
    { match: { target: "query" }, answer: { status: 400, code: "0x80060888" } },
    {
      match: { target: "metadata" },
      answer: tables({
        Attributes: [{ LogicalName: LISTING_KEY, AttributeType: "String" }],
        Keys: [{ KeyAttributes: [LISTING_KEY], EntityKeyIndexStatus: "Active" }],
      }),
    },
  ),
  everybody(
    "The listing table was renamed",
    { match: { target: "patch" }, answer: { status: 404, code: "0x8006088a" } },
    { match: { target: "query" }, answer: { status: 404, code: "0x8006088a" } },
    { match: { target: "metadata" }, answer: tables() },
  ),
  {
    name: "The alternate key is not active",
    async begin(stage) {
      await stage.stack.simulator.setEnvironment({ keyStatus: "Pending" });
      await stage.pause("a1", "a2", "b1");
      return () => stage.stack.simulator.setEnvironment({ keyStatus: "Active" });
    },
  },
  forOne("A plug-in refuses one mentor", { status: 400, code: "0x80040265" }),
  forOne("One listing belongs to somebody else (403)", { status: 403, code: "0x80048306" }),
];
