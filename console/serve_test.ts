import { assert, assertEquals } from "@std/assert";
import { HEADERS, serveConsole, WORKER_HEADERS } from "./serve.ts";

Deno.test("serveConsole() serves the page as a static host would", async () => {
  const { url, stop } = await serveConsole({
    port: 0,
    // Where nobody is.
    apiUrl: "http://127.0.0.1:9",
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

    const worker = await fetch(`${url}/worker.js`);
    assertEquals(worker.headers.get("content-type"), "text/javascript; charset=utf-8");
    assertEquals(worker.headers.get("cache-control"), "no-cache");
    assertEquals(
      worker.headers.get("content-security-policy"),
      "default-src 'none'; connect-src 'self'",
    );
    assert((await worker.text()).includes("addEventListener"));

    for (
      const [path, method, status] of [
        ["/../deno.json", "GET", 404],
        ["/config.json", "GET", 404],
        ["/", "POST", 405],
        ["/rest/v1/mentors", "POST", 502],
        ["/auth/v1/user", "GET", 404],
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

/** The headers in the text of a host's file, whichever way it writes them down. */
function headersIn(text: string): Record<string, string> {
  const lines = text.matchAll(
    /^ *(?:add_header )?"?([A-Z][\w-]+)"?:? ("?)(.+?)\2(?: always;)?,?$/gm,
  );
  return Object.fromEntries(
    [...lines].map(([, name = "", , value = ""]) => [name.toLowerCase(), value]),
  );
}

Deno.test("The hosts' files send what serveConsole() sends, and insist on https", async () => {
  const read = (name: string) => Deno.readTextFile(new URL(`hosting/${name}`, import.meta.url));
  const secure = { "strict-transport-security": "max-age=31536000; includeSubDomains" };
  const azure = JSON.parse(await read("staticwebapp.config.json"));
  const pieces = (text: string) => text.split(/^.*worker\.js.*$/m).map(headersIn);
  const [netlify = {}, netlifyWorker = {}] = pieces(await read("netlify_headers"));
  const [, nginx = {}, nginxWorker = {}] = (await read("nginx.conf")).split(/^location/m)
    .map(headersIn);
  const [{ route, headers }] = azure.routes;
  for (
    const [page, worker] of [
      [netlify, { ...netlify, ...netlifyWorker }],
      [nginx, nginxWorker],
      [azure.globalHeaders, { ...azure.globalHeaders, ...headers }].map((all) =>
        headersIn(JSON.stringify(all, null, 1))
      ),
    ]
  ) {
    assertEquals(page, { ...HEADERS, ...secure });
    assertEquals(worker, { ...WORKER_HEADERS, ...secure });
  }
  assertEquals(route, "/worker.js");
});
