import { signToken } from "../../stack/rest/sign_token.ts";
import type { NextPerson } from "./hostile_answers.ts";
import { mention, pick, type Random } from "./people.ts";

/** Whoever sends them knows the keys, so that they get as far as possible. */
interface RequestKeys {
  readonly secretKey: string;
  readonly jwtSecret: string;
}

/** A request to the function in which somebody is mentioned wherever anything can be said. */
export async function hostileRequest(
  random: Random,
  next: NextPerson,
  keys: RequestKeys,
): Promise<Request> {
  const text = () => mention(random, next());
  const headers = new Headers({ "content-type": "application/json" });
  const set = (name: string, value: string) =>
    headers.set(name, value.replace(/[^\x20-\xff]/g, "?"));
  if (random(2) === 0) set("apikey", pick(random, [keys.secretKey, text()]));
  if (random(2) === 0) {
    const claims = {
      sub: pick<string>(random, [crypto.randomUUID(), text()]),
      role: pick(random, ["authenticated", text()]),
      aud: "authenticated",
      exp: 4102444800,
      email: next().email,
      phone: next().phone,
      user_metadata: { full_name: next().name, personnummer: next().personnummer },
    };
    const secret = pick(random, [keys.jwtSecret, keys.jwtSecret, "another secret"]);
    set("authorization", `Bearer ${pick(random, [await signToken(claims, secret), text()])}`);
  }
  set("user-agent", text());
  set("x-client-info", text());
  set("baggage", text());
  if (random(10) === 0) set("content-type", text());
  const url = `http://127.0.0.1/hlf-sync?${new URLSearchParams({ q: text() })}`;
  return new Request(url, { method: "POST", headers, body: hostileBody(random, next) });
}

function hostileBody(random: Random, next: NextPerson): string {
  const text = () => mention(random, next());
  const record = () => {
    const { name, email, phone, personnummer } = next();
    return { id: crypto.randomUUID(), full_name: name, email, phone, personnummer };
  };
  const id = () => pick<unknown>(random, [crypto.randomUUID(), text(), next()]);
  return pick(random, [
    () =>
      JSON.stringify({
        type: pick(random, ["INSERT", "UPDATE", "DELETE", text()]),
        table: pick(random, ["mentors", "mentors", text()]),
        schema: text(),
        record: record(),
        old_record: record(),
      }),
    () => JSON.stringify({ type: "force_sync", mentor_id: id(), reason: text(), [next().name]: 1 }),
    () => JSON.stringify({ type: pick(random, ["health", text()]), note: text() }),
    () => JSON.stringify([record()]),
    () => JSON.stringify(text()),
    () => `{"type": "${text()}`,
    text,
  ])();
}
