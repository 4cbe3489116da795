import { assertEquals } from "@std/assert";
import { projectPath } from "../../stack/machine/project_path.ts";
import { createHandler } from "../../supabase/functions/hlf-sync/handler.ts";
import type { ForceSyncAnswer } from "../../supabase/functions/hlf-sync/force_sync.ts";
import { REFUSALS } from "../../supabase/functions/hlf-sync/respond.ts";
import { parseTrigger } from "../../supabase/functions/hlf-sync/triggers.ts";
import { describeApi, REQUESTS } from "./api.ts";

const read = (path: string) => Deno.readTextFile(projectPath(path));

Deno.test("the reference has every kind of request that the function takes", () => {
  const refused = parseTrigger({ type: "none of them" });
  const [problem = ""] = "problems" in refused ? refused.problems : [];
  const types = [...problem.matchAll(/"(\w+)"/g)].map(([, type = ""]) => type);
  const documented = REQUESTS.map(({ body }) => body.type as string);
  assertEquals(
    types.filter((type) => !documented.includes(type)),
    ["INSERT", "DELETE"],
    "the row of UPDATE names these two",
  );
});

Deno.test("each documented request has the documented answer, from the caller that may send it alone", async () => {
  const forced = REQUESTS.find(({ body }) => body.type === "force_sync")?.answer[1];
  const supabase = {
    url: "https://project.example",
    projectUrl: "https://project.example",
    secretKeys: { default: "sb_secret_a" },
    publishableKeys: { default: "sb_publishable_a" },
    secretKey: "sb_secret_a",
    publishableKey: "sb_publishable_a",
  };
  const handler = createHandler({
    supabase,
    engine: () =>
      Promise.resolve({
        drain: () => Promise.resolve(),
        nightly: () => Promise.resolve(),
        checkHealth: () => Promise.resolve({ dynamics: "ok", organisationId: null }),
        confirmProject: () => Promise.resolve("confirmed"),
        forceSync: () =>
          Promise.resolve(
            { kind: "done", report: forced, rest: Promise.resolve() } as unknown as ForceSyncAnswer,
          ),
      }),
    background: (work) => void work(),
    log: () => {},
  });
  const USER = { apikey: supabase.publishableKey, authorization: "Bearer jwt" };
  const SECRET = { apikey: supabase.secretKey };
  for (const { body, isForUsers, answer } of REQUESTS) {
    const send = async (caller: Record<string, string>) => {
      const response = await handler(
        new Request("https://project.example/functions/v1/hlf-sync", {
          method: "POST",
          headers: { "content-type": "application/json", ...caller },
          body: JSON.stringify(body),
        }),
      );
      return [response.status, await response.json()] as const;
    };
    assertEquals(await send(isForUsers ? USER : SECRET), answer, body.type);
    assertEquals((await send(isForUsers ? SECRET : USER))[0], 401, body.type);
  }
});

Deno.test("requests name refusals that there are", () => {
  for (const { otherwise } of REQUESTS) {
    for (const [, word = ""] of otherwise.matchAll(/`(\w+)`/g)) {
      const isOfTheReport =
        /^(?:dynamics|outcome|pending|failure|dead_lettered|error|next_attempt_at)$/.test(word);
      assertEquals(isOfTheReport || word in REFUSALS, true, word);
    }
  }
});

Deno.test("every function that somebody may call is in the reference, and says what it does", async () => {
  const dump = await read("supabase/schema.sql");
  const page = describeApi(dump);
  for (const [, name] of dump.matchAll(/^GRANT ALL ON FUNCTION public\.(\w+)\(/gm)) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\` |`));
    const [, , , gives = "", who = "", does = ""] = row?.split(" | ") ?? [];
    assertEquals([gives, who, does].includes(""), false, `${name}: ${row}`);
  }
});
