import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { App, Workplace } from "../live/app.ts";
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

/** The organisation that is looked at. */
export function useWorkplace(): Workplace {
  const workplace = useContext(WorkplaceContext);
  if (workplace === null) throw new Error("Cannot render outside of WorkplaceContext");
  return workplace;
}
