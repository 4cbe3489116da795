import { assertEquals } from "@std/assert";
import { fetchBounded } from "./fetch_bounded.ts";

const LIMITS = { timeoutSeconds: 60, bodyLimit: 10 };

Deno.test("fetchBounded() gives up on an answer that does not come", async () => {
  const never: typeof fetch = (_, init) =>
    new Promise((_, reject) => {
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    });
  const result = await fetchBounded(never, "https://example.com", {}, {
    ...LIMITS,
    timeoutSeconds: 0,
  });
  assertEquals(result, { fault: "timeout" });
});

Deno.test("fetchBounded() knows a timeout whatever the runtime calls it", async () => {
  const interrupted: typeof fetch = (_, init) =>
    new Promise((_, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new TypeError("interrupted")));
    });
  const result = await fetchBounded(interrupted, "https://example.com", {}, {
    ...LIMITS,
    timeoutSeconds: 0,
  });
  assertEquals(result, { fault: "timeout" });
});

Deno.test("fetchBounded() includes the body in the time", async () => {
  const hanging: typeof fetch = (_, init) =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          start(body) {
            init?.signal?.addEventListener("abort", () => body.error(init.signal?.reason));
          },
        }),
      ),
    );
  const result = await fetchBounded(hanging, "https://example.com", {}, {
    ...LIMITS,
    timeoutSeconds: 0,
  });
  assertEquals(result, { fault: "timeout" });
});

Deno.test("fetchBounded() says when a body was cut off", async () => {
  const answer = (text: string) =>
    fetchBounded(() => Promise.resolve(new Response(text)), "https://example.com", {}, LIMITS);
  const short = await answer("0123456789");
  const long = await answer("0123456789a");
  assertEquals("text" in short && [short.text, short.complete], ["0123456789", true]);
  assertEquals("text" in long && long.complete, false);
});

Deno.test("fetchBounded() takes everything else that fetch throws for the network", async () => {
  const result = await fetchBounded(
    () => Promise.reject(new TypeError("refused")),
    "https://example.com",
    {},
    LIMITS,
  );
  assertEquals(result, { fault: "network" });
});
