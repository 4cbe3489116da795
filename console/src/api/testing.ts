import { parseConfig } from "../../check_settings.ts";
import { type Client, createConsoleClient } from "./client.ts";

interface Asked {
  readonly path: string;
  readonly body: unknown;
  readonly authorization: string | null;
}

const SESSION = {
  access_token: "token",
  refresh_token: "refresh",
  token_type: "bearer",
  expires_in: 3600,
  expires_at: 4_102_444_800,
  user: { id: "u", email: "koordinator@example.org" },
};

/** A client of a project that gives these answers one after the other, to whoever is signed in. */
export function clientOf(
  ...answers: (Response | Error)[]
): { readonly client: Client; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const client = createConsoleClient(
    parseConfig({ supabaseUrl: "https://project.example.org", publishableKey: "sb_publishable_x" }),
    (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      asked.push({
        path: url.pathname,
        body: JSON.parse(String(init?.body ?? null)),
        authorization: new Headers(init?.headers).get("authorization"),
      });
      const answer = answers.shift() ?? new Error("asked too often");
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  );
  return { client, asked };
}

/** Lets a client believe that somebody is signed in. */
export function signIn(client: Client): void {
  client.auth.getSession = () =>
    Promise.resolve({ data: { session: SESSION }, error: null }) as unknown as ReturnType<
      Client["auth"]["getSession"]
    >;
}
