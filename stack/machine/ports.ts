import { StackError } from "./errors.ts";

/** A port that nothing listens on at this moment. */
export function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * Makes sure a port can be listened on.
 *
 * @param purpose What the port is for, as its user would call it.
 * @throws {StackError} `port_taken`
 */
export function assertPortFree(port: number, purpose: string): void {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new StackError(
      `Port ${port} (${purpose}) is taken; end what uses it, such as another stack, and start again`,
      "port_taken",
      { cause: error },
    );
  }
}
