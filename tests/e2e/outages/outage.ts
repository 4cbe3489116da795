import type { Stage } from "./stage.ts";

/** Something that goes wrong. It has a row of the same name in docs/reference/alerts.md. */
export interface Outage {
  readonly name: string;
  /** Makes it go wrong; what is returned ends the cause, and nothing else. */
  begin(stage: Stage): Promise<() => Promise<unknown>>;
}
