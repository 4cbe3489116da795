import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Handler, PortTakenError, serveHttp } from "./http_server.ts";
import type { Outcome } from "./messages.ts";

async function withServer(handler: Handler, test: (port: number) => Promise<void>): Promise<void> {
  const server = await serveHttp(handler, 0, "127.0.0.1");
  try {
    await test(server.port);
  } finally {
    await server.stop();
  }
}

/** Sends raw text and reads until the server closes; throws when the connection is reset. */
async function exchangeRaw(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  let received = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16_384);
  for (let size = await connection.read(buffer); size !== null;) {
    received += decoder.decode(buffer.subarray(0, size), { stream: true });
    size = await connection.read(buffer);
  }
  return received;
}

const CLOSE = "connection: close\r\n";

Deno.test("serveHttp() hands on the request as it stood on the wire", async () => {
  let seen: unknown;
  const handler: Handler = (request): Outcome => {
    const { method, path, search, origin, body } = request;
    seen = { method, path, search, origin, body, prefer: request.header("prefer") };
    return { status: 204, headers: { "OData-Version": "4.0" }, body: "" };
  };
  await withServer(handler, async (port) => {
    const answer = await exchangeRaw(
      port,
      `PATCH /set(key=%27a%27)?$a=%20b HTTP/1.1\r\nhost: here.test:1\r\n${CLOSE}` +
        `Prefer: x=1\r\ncontent-length: 3\r\n\r\n{ø`,
    );
    assertStringIncludes(answer, "HTTP/1.1 204 No Content\r\nOData-Version: 4.0\r\n");
    assertEquals(answer.includes("content-length"), false);
  });
  assertEquals(seen, {
    method: "PATCH",
    path: "/set(key=%27a%27)",
    search: "?$a=%20b",
    origin: "http://here.test:1",
    body: "{ø",
    prefer: "x=1",
  });
});

Deno.test("serveHttp() resets the connection without a single byte of answer", async () => {
  await withServer(() => "reset", async (port) => {
    await assertRejects(
      () => exchangeRaw(port, "GET / HTTP/1.1\r\nhost: a\r\n\r\n"),
      Deno.errors.ConnectionReset,
    );
  });
});

Deno.test("serveHttp() streams a body in pieces", async () => {
  const piece = "x".repeat(100_000);
  const body = function* () {
    for (let index = 0; index < 50; index++) yield piece;
  };
  await withServer(() => ({ status: 200, headers: {}, body: body() }), async (port) => {
    const answer = await exchangeRaw(port, `GET / HTTP/1.1\r\nhost: a\r\n${CLOSE}\r\n`);
    assertStringIncludes(answer.slice(0, 200).toLowerCase(), "transfer-encoding: chunked");
    assertEquals(answer.split("x").length - 1, 5_000_000);
  });
});

Deno.test("serveHttp() tells when the client hangs up, and only then", async () => {
  const hungUp = Promise.withResolvers<void>();
  const received = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Outcome>();
  const handler: Handler = (request) => {
    request.onHangUp(hungUp.resolve);
    received.resolve();
    return answer.promise;
  };
  await withServer(handler, async (port) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    await received.promise;
    connection.close();
    await hungUp.promise;
    answer.resolve({ status: 200, headers: {}, body: "too late" });
  });
  let calls = 0;
  const counting: Handler = (request) => {
    request.onHangUp(() => calls++);
    return { status: 200, headers: {}, body: "in time" };
  };
  await withServer(counting, async (port) => {
    const text = await exchangeRaw(port, `GET / HTTP/1.1\r\nhost: a\r\n${CLOSE}\r\n`);
    assertStringIncludes(text, "in time");
  });
  assertEquals(calls, 0);
});

Deno.test("serveHttp() says that a port is taken", async () => {
  await withServer(() => "reset", async (port) => {
    await assertRejects(
      () => serveHttp(() => "reset", port, "127.0.0.1"),
      PortTakenError,
      `Cannot listen on 127.0.0.1:${port}: the port is taken`,
    );
  });
});
