import { signal } from "@preact/signals";
import type { ForceSyncReport, Refusal } from "../api/actions.ts";

/** How far a sync is that was asked for with the button. */
export type ForceSync =
  | { readonly kind: "busy" }
  | { readonly kind: "answered"; readonly report: ForceSyncReport }
  | { readonly kind: "refused"; readonly reason: Refusal };

/** The syncs asked for on this page, by mentor. They outlive the view they were asked for in. */
export class ForceSyncs {
  readonly all = signal<ReadonlyMap<string, ForceSync>>(new Map());

  constructor(
    private readonly ask: (mentorId: string) => Promise<ForceSyncReport | Refusal>,
    private readonly onAnswer: () => Promise<void>,
  ) {}

  /** Asks, unless that is under way: a double click does nothing twice. */
  async start(mentorId: string): Promise<void> {
    if (this.all.value.get(mentorId)?.kind === "busy") return;
    this.#set(mentorId, { kind: "busy" });
    let answer: ForceSyncReport | Refusal;
    try {
      answer = await this.ask(mentorId);
    } catch {
      answer = "other";
    }
    this.#set(
      mentorId,
      typeof answer === "string"
        ? { kind: "refused", reason: answer }
        : { kind: "answered", report: answer },
    );
    await this.onAnswer();
  }

  /** Forgets what came of it. */
  dismiss(mentorId: string): void {
    this.#set(mentorId, null);
  }

  #set(mentorId: string, sync: ForceSync | null): void {
    const all = new Map(this.all.value);
    if (sync === null) all.delete(mentorId);
    else all.set(mentorId, sync);
    this.all.value = all;
  }
}
