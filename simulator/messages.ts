/** A request as the simulator's parts see it, read completely. */
export interface SimulatorRequest {
  readonly method: string;
  /** Path as it stood in the request line, percent-encoding untouched. */
  readonly path: string;
  /** Query with its `?`, or empty. */
  readonly search: string;
  /** The simulator's own address as the client knows it, such as `http://127.0.0.1:54390`. */
  readonly origin: string;
  readonly body: string;
  /** A header by its lower-case name. */
  header(name: string): string | undefined;
  /** Calls back when the client hangs up before it has the answer. */
  onHangUp(callback: () => void): void;
}

/** Headers of an answer; a list sends one several times. */
export type ReplyHeaders = Readonly<Record<string, string | readonly string[]>>;

/** An answer. A body in pieces is streamed. */
export interface Reply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly body: string | Iterable<string>;
}

/** What the client gets: an answer, or a connection that is reset without one. */
export type Outcome = Reply | "reset";

export function jsonReply(
  status: number,
  value: unknown,
  headers: ReplyHeaders = {},
): Reply {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

export function emptyReply(
  status: number,
  headers: ReplyHeaders = {},
): Reply {
  return { status, headers, body: "" };
}
