import { assertEquals } from "@std/assert";
import { RELEASE } from "../../supabase/functions/_shared/release.ts";
import { judge } from "./finding.ts";
import { readHealth } from "./read_health.ts";

Deno.test("readHealth() finds nothing only in the function's own word that all is well", () => {
  const well = { dynamics: "ok", release: RELEASE };
  assertEquals(readHealth(200, JSON.stringify(well)), {});
  assertEquals(readHealth(200, JSON.stringify({ ...well, more: 1 })), {});
  assertEquals(judge(readHealth(503, '{"dynamics":"throttled"}')), "unchecked");
});

Deno.test("readHealth() says what each other answer means", () => {
  const cases: [number, string, string][] = [
    [200, "<html>It works!</html>", "Something answers 200, but not as the function does."],
    [200, "", "Something answers 200, but not as the function does."],
    [200, "{}", "Something answers 200, but not as the function does."],
    [200, '"ok"', "Something answers 200, but not as the function does."],
    [202, '{"accepted":true}', "Something answers 202, but not as the function does."],
    [
      200,
      '{"dynamics":"ok"}',
      `The function is of release another, and this doctor of ${RELEASE}.`,
    ],
    [
      200,
      '{"dynamics":"ok","release":"0.9.0"}',
      `The function is of release 0.9.0, and this doctor of ${RELEASE}.`,
    ],
    [503, '{"dynamics":"ok"}', "The function works, but Dynamics does not: ok."],
    [503, '{"dynamics":"network"}', "The function works, but Dynamics does not: network."],
    [
      503,
      '{"dynamics":"Kari Nordmann"}',
      "The function works, but Dynamics does not: an unknown word.",
    ],
    [401, '{"error":{"code":"unauthorised"}}', "The function does not accept the key in Vault."],
    [
      503,
      '{"error":{"code":"unavailable"}}',
      "The function cannot reach the database over REST.",
    ],
    [500, '{"error":{"code":"internal_error"}}', "The function answers 500 to a health check."],
    [
      400,
      '{"error":{"code":"invalid_body"}}',
      "The function is of another version: it knows no health check.",
    ],
    [404, '{"code":"NOT_FOUND","message":"…"}', "The function is not deployed."],
    [
      401,
      '{"code":"UNAUTHORIZED_NO_AUTH_HEADER","message":"…"}',
      "The gateway checks tokens before the function does: verify_jwt is on.",
    ],
    [
      503,
      '{"code":"BOOT_ERROR","message":"…"}',
      "The function answers 503 to a health check (BOOT_ERROR).",
    ],
    [502, "Bad gateway", "Something answers 502, but not as the function does."],
  ];
  for (const [status, text, problem] of cases) {
    const { findings = [] } = readHealth(status, text);
    assertEquals(findings.map((finding) => finding.problem), [problem], `${status} ${text}`);
  }
});
