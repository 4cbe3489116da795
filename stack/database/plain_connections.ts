/** A client's first words when it would rather speak TLS or GSSAPI: a length of 8 and one of two codes. */
const ENCRYPTION_REQUESTS = new Set([80877103, 80877104]);

/**
 * Listens for PostgreSQL clients in front of a server that cannot be asked for encryption: tells those who ask, as psql
 * does unless told otherwise, that there is none, and passes everything else on.
 * <https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL>
 *
 * @returns the port, and how to stop
 */
export function servePlainConnections(
  port: number,
  serverPort: number,
): { port: number; stop: () => Promise<void> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const open = new Set<Deno.Conn>();
  const accepting = (async () => {
    for await (const client of listener) {
      void serve(client, serverPort, open);
    }
  })();
  return {
    port: listener.addr.port,
    stop: async () => {
      listener.close();
      await accepting;
      for (const connection of open) close(connection);
    },
  };
}

async function serve(client: Deno.Conn, serverPort: number, open: Set<Deno.Conn>): Promise<void> {
  open.add(client);
  try {
    const first = await readFirstMessage(client);
    using server = await Deno.connect({ hostname: "127.0.0.1", port: serverPort });
    const writer = server.writable.getWriter();
    await writer.write(first);
    writer.releaseLock();
    await Promise.race([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
  } catch {
    // One side has gone; the other is let go below.
  } finally {
    open.delete(client);
    close(client);
  }
}

/** Refuses encryption as often as it is asked for, and returns what the client says then. */
async function readFirstMessage(client: Deno.Conn): Promise<Uint8Array<ArrayBuffer>> {
  for (;;) {
    const buffer = new Uint8Array(8192);
    const length = await client.read(buffer);
    if (length === null) throw new Error("the client has gone");
    const said = buffer.slice(0, length);
    const asksForEncryption = length === 8 &&
      ENCRYPTION_REQUESTS.has(new DataView(said.buffer).getInt32(4));
    if (!asksForEncryption) return said;
    await client.write(new TextEncoder().encode("N"));
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
