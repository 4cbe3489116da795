import { assertEquals, assertStringIncludes } from "@std/assert";
import { isPassedOn, PASSED_ON_HEADERS, passOn } from "./pass_on.ts";

const HOST = "https://page.example.org";

/** A project that answers so, and what it was asked. */
function projectOf(answer: () => Response) {
  const asked: { what: string; body: string; headers: Headers }[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      const body = await request.text();
      asked.push({ what: `${method} ${pathname}${search}`, body, headers });
      return answer();
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("passOn() passes on method, query, body and headers, but nothing that is the host's alone", async () => {
  await using project = projectOf(() => Response.json([]));
  const headers = {
    apikey: "sb_publishable_x",
    authorization: "Bearer token",
    prefer: "count=exact",
    range: "0-9",
    "accept-profile": "public",
    "content-profile": "public",
    "content-type": "application/json",
  };
  const body = '{"org_id":"a"}';
  const response = await passOn(
    new Request(`${HOST}/rest/v1/rpc/a?select=id&b=in.(%22c%22)`, {
      method: "POST",
      headers: { ...headers, host: "page.example.org", cookie: "of=the-host" },
      body,
    }),
    project.url,
  );
  await response.body?.cancel();
  const [
    { what, body: arrived, headers: passed } = { what: "", body: "", headers: new Headers() },
  ] = project.asked;
  assertEquals([what, arrived], ["POST /rest/v1/rpc/a?select=id&b=in.(%22c%22)", body]);
  for (const [name, value] of Object.entries(headers)) assertEquals(passed.get(name), value);
  assertEquals([passed.get("cookie"), passed.get("host")], [null, new URL(project.url).host]);
});

Deno.test("passOn() answers as the project does, but as nothing that a browser would run", async () => {
  const answers = [
    new Response("<script>", {
      status: 206,
      headers: { "content-type": "text/html", "content-range": "0-9/10" },
    }),
    new Response(null, { status: 302, headers: { location: "https://elsewhere.example.org/" } }),
    Response.json({ code: "42501" }, { status: 403 }),
    new Response(null, { status: 204 }),
  ];
  await using project = projectOf(() => answers.shift() ?? new Response());
  const ask = () => passOn(new Request(`${HOST}/rest/v1/mentors`), project.url);
  const part = await ask();
  assertEquals([part.status, await part.text()], [206, "<script>"]);
  assertEquals(part.headers.get("content-range"), "0-9/10");
  for (const [name, value] of Object.entries(PASSED_ON_HEADERS)) {
    assertEquals(part.headers.get(name), value);
  }
  const elsewhere = await ask();
  assertEquals(elsewhere.headers.get("location"), "https://elsewhere.example.org/");
  const refused = await ask();
  assertEquals([refused.status, (await refused.json()).code], [403, "42501"]);
  assertEquals((await ask()).status, 204);
});

Deno.test("passOn() says that a project does not answer, and nothing of where it is", async () => {
  const { url, [Symbol.asyncDispose]: stop } = projectOf(() => new Response());
  await stop();
  const response = await passOn(new Request(`${HOST}/rest/v1/mentors`), url);
  assertEquals([response.status, await response.text()], [502, "The project does not answer"]);
});

Deno.test("isPassedOn() passes on the database and nothing else", () => {
  const isAt = (path: string) => isPassedOn(new Request(`${HOST}${path}`));
  for (const path of ["/rest/v1/", "/rest/v1/rpc/a?b=c", "/auth/v1/../../rest/v1/mentors"]) {
    assertEquals(isAt(path), true, path);
  }
  for (
    const path of [
      "/",
      "/index.html",
      "/rest/v1",
      "/rest/v10/a",
      "/auth/v1/token",
      "/functions/v1/hlf-sync",
      "/storage/v1/object",
      "/rest/v1/../../auth/v1/token",
      "/rest/v1/%2e%2e/%2e%2e/auth/v1/token",
      "//elsewhere.example.org/rest/v1/",
    ]
  ) assertEquals(isAt(path), false, path);
});

Deno.test("The hosts' files pass on the same, to one project", async () => {
  const read = (name: string) => Deno.readTextFile(new URL(`hosting/${name}`, import.meta.url));
  const rules = (await read("netlify_redirects")).split("\n").filter((line) =>
    line !== "" && !line.startsWith("#")
  );
  assertEquals(rules, ["/rest/v1/*  https://<ref>.supabase.co/rest/v1/:splat  200"]);
  const places = (await read("nginx.conf")).split(/^location /m)
    .filter((place) => place.includes("proxy_pass"));
  assertEquals(places.map((place) => place.split(" {")[0]), ["/rest/v1/"]);
  for (
    const line of [
      "proxy_pass https://$project;",
      "proxy_ssl_verify on;",
      'proxy_set_header Cookie "";',
      ...Object.entries(PASSED_ON_HEADERS).map(([, value]) => `"${value}" always;`),
    ]
  ) assertStringIncludes(places[0] ?? "", line);
});
