/**
 * The service worker of the page. It answers for the page's own address and leaves everything else alone, above all what the page
 * asks Supabase.
 *
 * @module
 */
import { NEWER } from "./newer.ts";
import { PageKeeper } from "./page_keeper.ts";

/** What lasts until it is done. */
interface LastingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface InstallEvent extends LastingEvent {
  /** Not in every browser. */
  addRoutes?: (route: { condition: { requestMode: string }; source: "network" }) => Promise<void>;
}

interface AskedEvent extends LastingEvent {
  readonly request: Request;
  /** The page that comes of it. */
  readonly resultingClientId: string;
  respondWith(response: Promise<Response>): void;
}

/** The part of a service worker's globals that is needed; the library of types for it cannot stand beside that of the page. */
interface Worker {
  readonly registration: { readonly scope: string };
  readonly clients: {
    claim(): Promise<void>;
    get(id: string): Promise<{ postMessage(message: unknown): void } | undefined>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install", listener: (event: InstallEvent) => void): void;
  addEventListener(type: "activate", listener: (event: LastingEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: AskedEvent) => void): void;
}

const worker = globalThis as unknown as Worker;
const keeper = new PageKeeper(worker.registration.scope, () => caches.open("page"));

worker.addEventListener("install", (event) => {
  // The data need no detour by way of the worker.
  const direct = event.addRoutes?.({ condition: { requestMode: "cors" }, source: "network" });
  // A worker that is put right has to take over whether or not the host answers.
  const done = [worker.skipWaiting(), direct, keeper.newest()];
  event.waitUntil(Promise.allSettled(done));
});

worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode !== "navigate" || request.method !== "GET" || !keeper.owns(request.url)) return;
  const kept = keeper.kept();
  const newest = keeper.newest();
  // Whoever loads the page anew wants what is there now, and what is kept only if there is no contact.
  const isReload = request.cache !== "default";
  event.respondWith(
    isReload
      ? newest.catch(async (error) => await kept ?? Promise.reject(error))
      : kept.then((page) => page?.clone() ?? newest),
  );
  if (!isReload) event.waitUntil(tellOfNewer(event, kept, newest).catch(() => {}));
});

/** Tells the page when what it was made of is not what the host has now. */
async function tellOfNewer(
  { resultingClientId }: AskedEvent,
  kept: Promise<Response | null>,
  newest: Promise<Response>,
): Promise<void> {
  if (await keeper.isNewer(await kept, await newest)) {
    const client = await worker.clients.get(resultingClientId);
    client?.postMessage(NEWER);
  }
}
