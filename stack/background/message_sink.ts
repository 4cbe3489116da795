/** Stands in for the webhooks that people read: keeps what it is sent, and may refuse it. */
export class MessageSink {
  /** The messages taken, oldest first. */
  readonly texts: string[] = [];
  /** The same as they were posted. */
  readonly bodies: unknown[] = [];
  /** How often the heartbeat has come. */
  beats = 0;
  #refusal: number | null = null;

  /** Answers with this status from now on and keeps nothing, as a webhook does that was revoked; null takes again. */
  refuseWith(status: number | null): void {
    this.#refusal = status;
  }

  async handle(request: Request): Promise<Response> {
    const body: unknown = await request.json().catch(() => null);
    if (this.#refusal !== null) return new Response("no_service", { status: this.#refusal });
    this.texts.push(textOf(body));
    this.bodies.push(body);
    return new Response("ok");
  }

  /** What a dead man's switch does with the heartbeat. */
  beat(): Response {
    this.beats++;
    return new Response("ok");
  }
}

function textOf(body: unknown): string {
  return typeof body === "object" && body !== null && "text" in body &&
      typeof body.text === "string"
    ? body.text
    : JSON.stringify(body);
}
