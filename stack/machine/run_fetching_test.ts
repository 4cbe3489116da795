import { assertEquals, assertRejects } from "@std/assert";
import { StackError } from "./errors.ts";
import { runFetching } from "./run_fetching.ts";

const OUT_OF_REACH = "error: Failed caching npm package 'zod@4.6.7'\n\nCaused by:\n" +
  "    0: error sending request for url (https://registry.example/zod.tgz)\n";

/** A Deno that answers this, one after the other, and then that all is well. */
function play(...answers: string[]) {
  const told: string[] = [];
  const slept: number[] = [];
  let runs = 0;
  return {
    told,
    slept,
    runs: () => runs,
    fetching: {
      tell: (message: string) => void told.push(message),
      runDeno: () => Promise.resolve(answers[runs++] ?? null),
      sleep: (seconds: number) => Promise.resolve(void slept.push(seconds)),
    },
  };
}

Deno.test("runFetching() tries again while the registry does not answer, and says so", async () => {
  const { fetching, told, slept, runs } = play(OUT_OF_REACH, OUT_OF_REACH);
  await runFetching(["install"], fetching);
  assertEquals(runs(), 3);
  assertEquals(slept, [2, 5]);
  assertEquals(told.length, 2);
});

Deno.test("runFetching() gives up in the end, with one line", async () => {
  const { fetching, runs } = play(...Array(9).fill(OUT_OF_REACH));
  const error = await assertRejects(() => runFetching(["install"], fetching), StackError);
  assertEquals(runs(), 4);
  assertEquals(error.code, "packages_missing");
  assertEquals(
    error.message,
    "deno install failed: Failed caching npm package 'zod@4.6.7'; " +
      "error sending request for url (https://registry.example/zod.tgz)",
  );
});

Deno.test("runFetching() does not try again what is a mistake of ours", async () => {
  const { fetching, runs } = play("error: Expected ';', got 'of'\n");
  await assertRejects(() => runFetching(["bundle"], fetching), StackError, "Expected ';'");
  assertEquals(runs(), 1);
});

Deno.test("runFetching() names the setting when the authority is unknown", async () => {
  const unknown = `${OUT_OF_REACH}    1: invalid peer certificate: UnknownIssuer\n`;
  const { fetching } = play(...Array(9).fill(unknown));
  await assertRejects(
    () => runFetching(["install"], fetching),
    StackError,
    "NODE_EXTRA_CA_CERTS",
  );
});
