const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);

/** Whether a host is this machine: what goes there needs no encryption. */
export function isThisMachine(hostname: string): boolean {
  return LOOPBACK.has(hostname);
}
