import { eventually } from "../../stack/observe.ts";
import type { StackWithPage } from "./harness.ts";
import type { AnyPage } from "./page_checks.ts";

/** A host of the page that can be changed while somebody has it open. */
export interface ChangingHost extends AsyncDisposable {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  /** What it does with an answer; by default nothing. */
  change: (path: string, response: Response) => Response | Promise<Response>;
}

/** Passes on what the page's own host answers, changed or not. */
export function changingHost({ consoleUrl }: StackWithPage): ChangingHost {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      const response = await fetch(`${consoleUrl}${pathname}`, {
        headers: { "accept-encoding": "identity" },
      });
      return await host.change(pathname, response);
    },
  );
  const host: ChangingHost = {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    change: (_path, response) => response,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return host;
}

/** The page as the browser keeps it; null while it does not. */
export function kept(page: AnyPage): Promise<string | null> {
  return page.evaluate(async () => await (await caches.match("/"))?.text() ?? null);
}

export async function untilKept(page: AnyPage, text: string): Promise<void> {
  await eventually(`${text} is kept`, async () => (await kept(page))?.includes(text) === true);
}
