import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { type Preview, type Refusal, refusalOf } from "../api/actions.ts";
import { type Step, stepOf } from "../model/progress.ts";
import type { SyncState } from "../model/rows.ts";

/** What a requeue needs of the world. */
export interface RequeueSource {
  readonly states: ReadonlySignal<ReadonlyMap<string, SyncState> | null>;
  refresh(): Promise<void>;
  preview(mentorIds: readonly string[]): Promise<Preview[]>;
  /** How many, or why not; never fails. */
  requeue(mentorIds: readonly string[]): Promise<number | Refusal>;
}

type RequeuePhase =
  | { readonly kind: "looking" }
  | { readonly kind: "previewing" }
  | { readonly kind: "sending" }
  | { readonly kind: "following"; readonly leftOut: number }
  | { readonly kind: "refused"; readonly reason: Refusal };

/** One press of «send again», from the preview to what came of it. */
export class RequeueRun {
  readonly phase = signal<RequeuePhase>({ kind: "looking" });
  /** The dead letters among the mentors that were asked for. */
  readonly previews = signal<readonly Preview[]>([]);
  readonly steps = computed<ReadonlyMap<string, Step>>(() => this.#readSteps());
  #generations: ReadonlyMap<string, number> = new Map();

  constructor(private readonly source: RequeueSource, readonly mentorIds: readonly string[]) {}

  /** Looks at what would be sent. */
  async look(): Promise<void> {
    try {
      const [previews] = await Promise.all([
        this.source.preview(this.mentorIds),
        this.source.refresh(),
      ]);
      this.previews.value = previews.filter(({ isDeadLetter }) => isDeadLetter);
      this.phase.value = { kind: "previewing" };
    } catch (error) {
      this.phase.value = { kind: "refused", reason: refusalOf(error) };
    }
  }

  /** Sends what was previewed, nothing else; a second press does nothing. */
  async confirm(): Promise<void> {
    if (this.phase.value.kind !== "previewing") return;
    this.phase.value = { kind: "sending" };
    const ids = this.previews.value.map(({ mentorId }) => mentorId);
    const states = this.source.states.value;
    this.#generations = new Map(ids.map((id) => [id, states?.get(id)?.generation ?? 0]));
    const answer = await this.source.requeue(ids);
    if (typeof answer === "string") {
      this.phase.value = { kind: "refused", reason: answer };
      return;
    }
    await this.source.refresh();
    this.phase.value = { kind: "following", leftOut: ids.length - answer };
  }

  #readSteps(): ReadonlyMap<string, Step> {
    const states = this.source.states.value;
    const isSent = this.phase.value.kind === "following";
    return new Map(this.previews.value.map(({ mentorId }) => {
      const state = states?.get(mentorId);
      const step: Step = isSent && state !== undefined
        ? stepOf(state, this.#generations.get(mentorId) ?? 0)
        : { kind: "working" };
      return [mentorId, step];
    }));
  }
}
