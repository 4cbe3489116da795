import type { z } from "zod";
import type { loggedRequestSchema } from "./control_schemas.ts";

/** One received request, as the control API tells it. */
export type LoggedRequest = z.infer<typeof loggedRequestSchema>;

/** What is known when a request has come in. */
interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly clientRequestId: string | null;
  readonly mentorId: string | null;
  readonly published: boolean | null;
}

/** Older entries are dropped beyond this many, so that a long run cannot fill the memory. */
const LOG_CAPACITY = 1_000_000;

/**
 * What the simulator received, in order. Two PATCHes for one mentor in flight together mark the later
 * one as overlapped. It never holds a token, a secret or a body.
 */
export class RequestLog {
  readonly #capacity: number;
  readonly #inFlightByMentor = new Map<string, number>();
  #entries: LoggedRequest[] = [];
  #lastSequence = 0;
  #inFlight = 0;

  constructor(capacity: number = LOG_CAPACITY) {
    this.#capacity = capacity;
  }

  /** Notes a request that came in at `now`, in milliseconds. */
  receive(request: ReceivedRequest, now: number): LoggedRequest {
    const patched = patchedMentor(request);
    const before = patched === null ? 0 : this.#inFlightByMentor.get(patched) ?? 0;
    if (patched !== null) this.#inFlightByMentor.set(patched, before + 1);
    this.#inFlight += 1;
    const entry: LoggedRequest = {
      sequence: ++this.#lastSequence,
      receivedAt: new Date(now).toISOString(),
      method: request.method,
      path: request.path,
      clientRequestId: request.clientRequestId,
      mentorId: request.mentorId,
      published: request.published,
      status: null,
      committed: false,
      fault: null,
      overlapped: before > 0,
      inFlight: true,
      concurrent: this.#inFlight,
    };
    this.#entries.push(entry);
    // Dropping a batch at a time keeps the cost of each request constant.
    if (this.#entries.length >= this.#capacity * 1.1) {
      this.#entries = this.#entries.slice(-this.#capacity);
    }
    return entry;
  }

  /** Ends a request: answered with this status, or null for one that got no answer. */
  finish(entry: LoggedRequest, status: number | null): void {
    if (!entry.inFlight) return;
    entry.inFlight = false;
    entry.status = status;
    this.#inFlight -= 1;
    const patched = patchedMentor(entry);
    if (patched === null) return;
    const left = (this.#inFlightByMentor.get(patched) ?? 1) - 1;
    if (left === 0) this.#inFlightByMentor.delete(patched);
    else this.#inFlightByMentor.set(patched, left);
  }

  /** At most `limit` entries after a sequence number, oldest first. */
  since(sequence: number, limit: number): readonly LoggedRequest[] {
    const first = this.#entries[0];
    if (first === undefined) return [];
    const start = Math.max(0, sequence - first.sequence + 1);
    return this.#entries.slice(start, start + limit);
  }

  /** Forgets all entries; numbering goes on. */
  clear(): void {
    this.#entries = [];
  }
}

function patchedMentor(request: { method: string; mentorId: string | null }): string | null {
  return request.method === "PATCH" ? request.mentorId?.toLowerCase() ?? null : null;
}
