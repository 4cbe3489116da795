import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { ForceSync, ForceSyncReport, Refusal } from "../api/actions.ts";
import type { SyncState } from "../model/rows.ts";

/** A sync, and the generation that its answer is about. */
type Kept = ForceSync & { readonly generation: number | null };

/** The syncs asked for on this page, by mentor. They outlive the view they were asked for in. */
export class ForceSyncs {
  readonly #all = signal<ReadonlyMap<string, Kept>>(new Map());
  /** Without what something newer has overtaken: it would say the opposite of the row that it stands under. */
  readonly all: ReadonlySignal<ReadonlyMap<string, ForceSync>> = computed(() =>
    new Map([...this.#all.value].filter(([id, sync]) => this.#isCurrent(id, sync)))
  );

  constructor(
    private readonly ask: (mentorId: string) => Promise<ForceSyncReport | Refusal>,
    private readonly onAnswer: () => Promise<void>,
    private readonly states: ReadonlySignal<ReadonlyMap<string, SyncState> | null>,
  ) {}

  /** Asks, unless that is under way: a double click does nothing twice. */
  async start(mentorId: string): Promise<void> {
    if (this.#all.value.get(mentorId)?.kind === "busy") return;
    this.#set(mentorId, { kind: "busy", generation: null });
    const before = this.states.value?.get(mentorId)?.generation ?? 0;
    let answer: ForceSyncReport | Refusal;
    try {
      answer = await this.ask(mentorId);
    } catch {
      answer = "other";
    }
    const sync: ForceSync = typeof answer === "string"
      ? { kind: "refused", reason: answer }
      : { kind: "answered", report: answer };
    this.#set(mentorId, { ...sync, generation: null });
    await this.onAnswer();
    // A sync that was taken is a generation of its own; what comes after it is news.
    const generation = Math.max(this.states.value?.get(mentorId)?.generation ?? 0, before);
    if (this.#all.value.has(mentorId)) this.#set(mentorId, { ...sync, generation });
  }

  /** Forgets what came of it. */
  dismiss(mentorId: string): void {
    this.#set(mentorId, null);
  }

  #isCurrent(mentorId: string, sync: Kept): boolean {
    const state = this.states.value?.get(mentorId);
    if (state === undefined) return true;
    // Something else may have been wanted before the answer's own generation was read.
    const operation = sync.kind === "answered" ? sync.report.operation : null;
    if (operation !== null && operation !== state.wanted_operation) return false;
    return sync.generation === null || state.generation <= sync.generation;
  }

  #set(mentorId: string, sync: Kept | null): void {
    const all = new Map(this.#all.value);
    if (sync === null) all.delete(mentorId);
    else all.set(mentorId, sync);
    this.#all.value = all;
  }
}
