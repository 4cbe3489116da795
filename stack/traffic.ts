/**
 * Counts what passes the gateway, so that a test can wait for silence instead of sleeping. A GET of the function is a
 * test's own question whether it listens, and is not counted.
 */
export class Traffic {
  /** Requests that have arrived since the start. */
  seen = 0;
  /** Those among them that have no answer yet. */
  underWay = 0;

  /** The same handler, counted. */
  counted(
    handle: (request: Request) => Promise<Response>,
  ): (request: Request) => Promise<Response> {
    return async (request) => {
      if (request.method === "GET" && new URL(request.url).pathname.startsWith("/functions/")) {
        return await handle(request);
      }
      this.seen++;
      this.underWay++;
      try {
        return await handle(request);
      } finally {
        this.underWay--;
      }
    };
  }
}
