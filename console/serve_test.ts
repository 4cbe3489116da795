import { assert, assertEquals } from "@std/assert";
import { serveConsole } from "./serve.ts";

Deno.test("serveConsole() serves the page as a static host would", async () => {
  const { url, stop } = await serveConsole({
    port: 0,
    apiUrl: "http://127.0.0.1:54321",
    publishableKey: "sb_publishable_x",
  });
  try {
    const page = await fetch(url);
    assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
    assertEquals(page.headers.get("content-security-policy"), "frame-ancestors 'none'");
    assertEquals(page.headers.get("x-content-type-options"), "nosniff");
    assert((await page.text()).startsWith("<!doctype html>"));

    const again = await fetch(url, {
      headers: { "if-none-match": page.headers.get("etag") ?? "" },
    });
    assertEquals([again.status, await again.text()], [304, ""]);
    const zipped = await fetch(url, { method: "HEAD", headers: { "accept-encoding": "gzip" } });
    assertEquals(zipped.headers.get("vary"), "accept-encoding");
    const plain = await fetch(url, { headers: { "accept-encoding": "identity" } });
    assertEquals(plain.headers.get("content-encoding"), null);
    assert((await plain.text()).startsWith("<!doctype html>"));

    for (
      const [path, method, status] of [
        ["/../deno.json", "GET", 404],
        ["/config.json", "GET", 404],
        ["/", "POST", 405],
      ] as const
    ) {
      const response = await fetch(url + path, { method });
      await response.body?.cancel();
      assertEquals(response.status, status, `${method} ${path}`);
    }
  } finally {
    await stop();
  }
});
