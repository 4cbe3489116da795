import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { App, Workplace } from "../live/app.ts";
import { holdOf } from "../model/outlook.ts";
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

/** The chosen organisation, its mentors' names, and why nothing of it is sent automatically. */
export function useWorkplace() {
  const workplace = useContext(WorkplaceContext);
  if (workplace === null) throw new Error("Cannot render outside of WorkplaceContext");
  const { live, organisation } = workplace;
  const { words, now } = useView();
  const sending = { gate: live.gate.value, alerts: live.alerts.value };
  return {
    ...workplace,
    /** Null when it is sent. */
    hold: holdOf(sending, organisation, now),
    naming: (id: string, asOf?: string) => live.names.value.text(id, words, asOf),
  };
}
