import { assertEquals } from "@std/assert";
import { arrive, splitArrival } from "./arrival.ts";
import { signInProblem } from "./session.ts";
import { clientOf } from "./testing.ts";

function problem(status: number | undefined, code?: string, name = "AuthApiError") {
  return signInProblem({ name, status, code } as Parameters<typeof signInProblem>[0]);
}

Deno.test("signInProblem() goes by the code first and by the status last", () => {
  assertEquals(problem(400, "invalid_credentials"), "invalid_credentials");
  assertEquals(problem(400, "captcha_failed"), "captcha");
  assertEquals(problem(400, "user_banned"), "banned");
  assertEquals(problem(400, "something_new"), "other");
  assertEquals(problem(400), "invalid_credentials");
  assertEquals(problem(403, "otp_expired"), "wrong_code");
  assertEquals(problem(429, "over_request_rate_limit"), "too_many");
  assertEquals(problem(500, "unexpected_failure"), "server");
  assertEquals(problem(503, undefined, "AuthRetryableFetchError"), "server");
  assertEquals(problem(0, undefined, "AuthRetryableFetchError"), "unreachable");
});

Deno.test("splitArrival() takes out of an address what signs somebody in, and nothing else", () => {
  const split = (address: string) => {
    const arrival = splitArrival(new URL(address, "https://page.example.org"));
    return arrival && [arrival.given.get("type"), arrival.rest];
  };
  assertEquals(split("/#/logg?mentor=x"), null);
  assertEquals(split("/#access_token=t&refresh_token=r&type=recovery"), ["recovery", "/"]);
  assertEquals(split("/app/?code=c#/logg"), [null, "/app/#/logg"]);
  assertEquals(split("/#error=access_denied&error_code=otp_expired"), [null, "/"]);
  assertEquals(split("/?token_hash=h&type=invite"), ["invite", "/"]);
});

Deno.test("arrive() says that a link is too old, and does not ask for a password then", async () => {
  const { client, asked } = clientOf();
  const given = new URLSearchParams("error=access_denied&error_code=otp_expired");
  assertEquals(await arrive(client, given), {
    mustChoosePassword: false,
    problem: "expired_link",
  });
  assertEquals(asked, []);
});

Deno.test("arrive() has whoever was invited choose a password", async () => {
  const { client, asked } = clientOf(Response.json({
    access_token: "t",
    refresh_token: "r",
    token_type: "bearer",
    expires_in: 3600,
    user: { id: "u", email: "ny@example.org" },
  }));
  const given = new URLSearchParams("token_hash=h&type=invite");
  assertEquals(await arrive(client, given), { mustChoosePassword: true, problem: null });
  assertEquals(asked.map(({ path }) => path), ["/auth/v1/verify"]);
  await client.auth.stopAutoRefresh();
});
