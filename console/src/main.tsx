/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { render } from "preact";
import { splitArrival } from "./api/arrival.ts";
import { createConsoleClient } from "./api/client.ts";
import type { HeadStart } from "./api/head_start.ts";
import { type Config, readConfig } from "./model/config.ts";
import { App, type Device } from "./live/app.ts";
import { Preferences } from "./live/preferences.ts";
import { rememberScroll, takePlace } from "./model/view_memory.ts";
import { Root } from "./views/root.tsx";
import { wordsOf } from "./words/words.ts";
import { keepPage } from "./worker/keep_page.ts";

const device: Device = {
  replaceHash: (hash) => history.replaceState(history.state, "", hash),
  now: () => new Date(),
  isVisible: () => document.visibilityState === "visible",
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(resolve, milliseconds);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    }),
};

function main(body: HTMLElement): void {
  const preferences = new Preferences(localStorage);
  let config: Config;
  try {
    const project = document.querySelector('meta[name="project"]');
    config = readConfig(project?.getAttribute("content") ?? null);
  } catch {
    const words = wordsOf(preferences.language).app;
    return render(
      <main>
        <h1>{words.broken}</h1>
        <p>{words.brokenHelp}</p>
      </main>,
      body,
    );
  }
  const arrival = splitArrival(new URL(location.href));
  // Before anything else sees it: what signs somebody in must not stay in an address.
  if (arrival !== null) {
    const place = arrival.rest.includes("#") ? "" : takePlace();
    history.replaceState(null, "", arrival.rest + place);
  }
  // The page puts everybody back where they were, once there is something to see.
  history.scrollRestoration = "manual";
  rememberScroll();
  const { headStart } = globalThis as { headStart?: HeadStart };
  const app = new App(createConsoleClient(config, fetch, headStart), config, device, preferences);
  app.go(location.hash);
  addEventListener("hashchange", () => app.go(location.hash));
  document.addEventListener("visibilitychange", () => {
    if (device.isVisible()) void app.workplace.peek()?.live.refresh();
  });
  render(<Root app={app} />, body);
  void app.start(arrival?.given ?? null);
  // Who is arriving is signed in by something that works once.
  void keepPage(arrival === null);
}

main(document.body);
