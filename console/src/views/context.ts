import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { App, Workplace } from "../live/app.ts";
import { type Hold, holdOf } from "../model/outlook.ts";
import type { Words } from "../words/words.ts";

export const AppContext = createContext<App | null>(null);
export const WorkplaceContext = createContext<Workplace | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("Cannot render outside of AppContext");
  return app;
}

export function useWords(): Words {
  return useApp().words.value;
}

/** What nearly every view speaks of; the links are within the organisation that is looked at. */
export function useView() {
  const app = useApp();
  const { websiteLagMinutes: lagMinutes } = app.settings;
  return { app, words: app.words.value, links: app.links.value, now: app.device.now(), lagMinutes };
}

/** The organisation that is looked at. */
export function useWorkplace(): Workplace {
  const workplace = useContext(WorkplaceContext);
  if (workplace === null) throw new Error("Cannot render outside of WorkplaceContext");
  return workplace;
}

/** Why nothing of the organisation is sent by itself; null when it is. */
export function useHold(): Hold | null {
  const { live, organisation } = useWorkplace();
  const sending = { gate: live.gate.value, alerts: live.alerts.value };
  return holdOf(sending, organisation, useApp().device.now());
}

/** Says what a mentor is called. */
export function useNaming(): (id: string, asOf?: string) => string {
  const words = useWords();
  const { live } = useWorkplace();
  return (id, asOf) => live.names.value.text(id, words, asOf);
}
