import { MessageSink } from "../../stack/background/message_sink.ts";
import type { NudgeFate } from "./step.ts";

/** Late nudges overtake each other within this time. */
const LATE_MILLISECONDS = 300;

/**
 * Load balancer in front of the workers, where the function's URL points to. Drops, duplicates or delays webhooks from the
 * database, as pg_net and the network may.
 */
export class FrontDoor {
  fate: NudgeFate = "arrive";
  /** Where the alert webhook leads to, as long as nudges arrive. */
  readonly messages = new MessageSink();
  readonly url: string;
  readonly messagesUrl: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #addresses: () => readonly (string | null)[];
  #turn = 0;

  /** @param addresses where each worker answers */
  constructor(addresses: () => readonly (string | null)[]) {
    this.#addresses = addresses;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#receive(request),
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}/hlf-sync`;
    this.messagesUrl = new URL("/messages", this.url).href;
  }

  /** Past the trouble: what a person or a test sends to the worker whose turn it is. */
  async call(body: unknown, headers: Readonly<Record<string, string>>): Promise<Response | null> {
    const addresses = this.#addresses();
    const address = addresses[this.#turn++ % addresses.length];
    if (address === null || address === undefined) return null;
    try {
      return await fetch(`${address}/hlf-sync`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
    } catch {
      // The worker is dead, or died over it.
      return null;
    }
  }

  async stop(): Promise<void> {
    await this.#server.shutdown();
  }

  async #receive(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === "/messages") {
      return this.fate === "lost"
        ? new Response(null, { status: 503 })
        : await this.messages.handle(request);
    }
    const headers = { apikey: request.headers.get("apikey") ?? "" };
    const body: unknown = await request.json();
    switch (this.fate) {
      case "lost":
        return new Response(null, { status: 503 });
      case "late":
        setTimeout(() => void this.#send(body, headers), Math.random() * LATE_MILLISECONDS);
        return new Response(null, { status: 202 });
      case "doubled":
        await Promise.all([this.#send(body, headers), this.#send(body, headers)]);
        return new Response(null, { status: 202 });
      case "arrive":
        return new Response(null, { status: await this.#send(body, headers) });
    }
  }

  async #send(body: unknown, headers: Readonly<Record<string, string>>): Promise<number> {
    const response = await this.call(body, headers);
    await response?.body?.cancel();
    return response?.status ?? 503;
  }
}
