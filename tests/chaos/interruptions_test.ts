import { assertEquals } from "@std/assert";
import { interruptBy, Interruptions, restCallOf } from "./interruptions.ts";

const nothing = () => Promise.resolve(null);

Deno.test("Interruptions.take() gives a rule as often as told, for its call and moment only", () => {
  const interruptions = new Interruptions();
  interruptions.add("claim", "after", 2, nothing);
  assertEquals(interruptions.take("claim", "before"), null);
  assertEquals(interruptions.take("settle", "after"), null);
  assertEquals(interruptions.take(null, "after"), null);
  assertEquals(interruptions.take("claim", "after"), nothing);
  assertEquals(interruptions.take("claim", "after"), nothing);
  assertEquals(interruptions.take("claim", "after"), null);
  interruptions.add("claim", "after", 1, nothing);
  interruptions.clear();
  assertEquals(interruptions.take("claim", "after"), null);
});

Deno.test("restCallOf() knows calls by method and path", () => {
  const url = "http://127.0.0.1/rest/v1/hlf_sync_audit_log?columns=id";
  assertEquals(restCallOf({ method: "POST", url }), "audit");
  assertEquals(restCallOf({ method: "GET", url }), null);
  assertEquals(
    restCallOf({ method: "POST", url: "http://x/rest/v1/rpc/claim_hlf_sync_ahead" }),
    "claim",
  );
});

Deno.test("interruptBy() refuses, cuts, or holds back until the faults are over", async () => {
  const never = new Promise(() => {});
  assertEquals((await interruptBy("refuse", never)())?.status, 503);
  const cut = await interruptBy("cut", never)();
  assertEquals(await cut?.text().catch(() => "broken"), "broken");

  const over = Promise.withResolvers<void>();
  let isThrough = false;
  const hanging = interruptBy("hang", over.promise)().then((answer) => {
    isThrough = true;
    return answer;
  });
  await Promise.resolve();
  assertEquals(isThrough, false);
  over.resolve();
  assertEquals(await hanging, null);
});
