import { assertEquals } from "@std/assert";
import { checkHealth } from "./check_health.ts";

const URL_OF_FUNCTION = "https://abcdefghijklmnopqrst.supabase.co/functions/v1/hlf-sync";

/** A function that answers this, one after the other and the last for ever; an Error is thrown. */
function deployed(...answers: readonly (readonly [number, string] | Error)[]) {
  const requests: Request[] = [];
  let slept = 0;
  return {
    requests,
    slept: () => slept,
    outside: {
      fetch: (input: string | URL | Request, init?: RequestInit) => {
        requests.push(new Request(input, init));
        const answer = answers[Math.min(requests.length, answers.length) - 1];
        if (answer === undefined || answer instanceof Error) return Promise.reject(answer);
        return Promise.resolve(new Response(answer[1], { status: answer[0] }));
      },
      sleep: (seconds: number) => Promise.resolve(void (slept += seconds)),
    },
  };
}

async function check(...answers: readonly (readonly [number, string] | Error)[]) {
  const { outside, requests, slept } = deployed(...answers);
  const report = await checkHealth(URL_OF_FUNCTION, "sb_secret_a", outside);
  return { ...report, tries: requests.length, slept: slept(), requests };
}

Deno.test("checkHealth() is content when Dynamics is", async () => {
  const { isWell, tries, requests } = await check([200, '{"dynamics":"ok"}']);
  assertEquals([isWell, tries], [true, 1]);
  const [request] = requests;
  assertEquals(request?.headers.get("apikey"), "sb_secret_a");
  assertEquals(await request?.json(), { type: "health" });
});

Deno.test("checkHealth() gives new code and secrets a moment to arrive", async () => {
  const { isWell, tries, slept } = await check(
    new TypeError("connection refused"),
    [404, "none yet"],
    [503, '{"dynamics":"credentials_rejected"}'],
    [200, '{"dynamics":"ok"}'],
  );
  assertEquals([isWell, tries, slept], [true, 4, 30]);
});

Deno.test("checkHealth() says what is wrong, and quotes nothing from outside", async () => {
  for (
    const [answer, message] of [
      [[503, '{"dynamics":"credentials_rejected"}'], "credentials_rejected"],
      [[401, '{"error":{"code":"unauthorised"}}'], "HLF_SYNC_SECRET_KEY"],
      [[200, "<html>It works!</html>"], "answers 200"],
      [[200, '{"dynamics":"Kari Nordmann"}'], "answers 200"],
      [[503, '{"dynamics":"ok"}'], "answers 503"],
      [new TypeError("no"), "does not answer"],
    ] as const
  ) {
    const report = await check(answer);
    assertEquals([report.isWell, report.tries], [false, 6], message);
    assertEquals(report.message.includes(message), true, report.message);
    assertEquals(/html|Kari/.test(report.message), false);
  }
});
