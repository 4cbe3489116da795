import { mention, type Person, pick, type Random } from "./people.ts";

/** People to put into the next answer. */
export type NextPerson = () => Person;

const STATUSES = [
  ...[
    200,
    200,
    204,
    301,
    302,
    400,
    400,
    401,
    403,
    404,
    404,
    404,
    405,
    408,
    409,
    410,
    412,
    413,
    415,
  ],
  ...[418, 422, 429, 429, 431, 451, 500, 500, 501, 502, 503, 504, 507, 511],
];
const CODES = ["0x80040217", "0x80060891", "0x8006088a", "0x80072560", "0x80044150", "0x0", ""];

/** An answer of Dynamics in which somebody is mentioned in every place that is read, and some that are not. */
export function hostileAnswer(random: Random, next: NextPerson): Response {
  const status = pick(random, STATUSES);
  const headers = hostileHeaders(random, next);
  if (status === 204) return new Response(null, { status, headers });
  return new Response(hostileBody(random, next), { status, headers });
}

function hostileHeaders(random: Random, next: NextPerson): Headers {
  const text = () => mention(random, next());
  const headers = new Headers();
  const set = (name: string, values: readonly string[]) => {
    // A header is bytes: what has no byte of its own arrives as bytes that mean something else.
    if (random(4) > 0) headers.set(name, pick(random, values).replace(/[^\x20-\xff]/g, "?"));
  };
  set("x-ms-service-request-id", [text(), crypto.randomUUID(), next().phone]);
  set("req_id", [text(), next().personnummer]);
  set("retry-after", [text(), next().phone, next().personnummer, `Mon, ${text()} 10:00:00 GMT`]);
  set("www-authenticate", [
    `Bearer authorization_uri="https://${next().email}", error="${text()}"`,
  ]);
  set("odata-entityid", [`https://example.org/contacts(${text()})`]);
  set("content-type", ["application/json", "text/html", "application/json; odata=minimal", text()]);
  set("x-ms-client-request-id", [text()]);
  set("server", [text()]);
  return headers;
}

function hostileBody(random: Random, next: NextPerson): BodyInit {
  const text = () => mention(random, next());
  const code = () =>
    pick(random, [text(), next().phone, `0x${next().phone}`, `0x${next().name}`, ...CODES]);
  const error = () => ({ code: code(), message: text(), innererror: { stacktrace: text() } });
  switch (random(10)) {
    case 0:
      return `<html><title>${text()}</title><body>${text()}</body></html>`;
    case 1:
      return text();
    case 2:
      return "";
    case 3:
      return JSON.stringify([text(), { error: error() }]);
    case 4:
      return JSON.stringify({ error: text(), message: text() });
    case 5:
      return JSON.stringify({ error: error() }).slice(0, -3);
    case 6:
      return new ReadableStream<Uint8Array>({
        start(body) {
          body.enqueue(new TextEncoder().encode(`{"error": "${text()}`));
          body.error(new TypeError(`connection to ${text()} was reset`));
        },
      });
    case 7:
      return JSON.stringify({
        value: [{ hlf_mentorid: text(), hlf_name: text() }],
        error: error(),
      });
    default:
      return JSON.stringify({ error: error() });
  }
}

/** What `fetch` throws instead of answering. */
export function hostileFault(random: Random, next: NextPerson): Error {
  const text = mention(random, next());
  return pick(random, [
    () => new TypeError(`error sending request for ${text}`, { cause: next() }),
    () => new DOMException(text, "TimeoutError"),
    () => new DOMException(text, "AbortError"),
    () => Object.assign(new Error(text), { name: next().name, code: next().phone }),
  ])();
}

/** An answer of Entra. */
export function hostileToken(random: Random, next: NextPerson): Response {
  const text = () => mention(random, next());
  const number = () => Number(pick(random, [next().phone, next().personnummer, "7000215"]));
  const error = pick(random, ["invalid_client", "unauthorized_client", "server_error", text()]);
  const body = pick(random, [
    JSON.stringify({
      error,
      error_description: `AADSTS${number()}: ${text()}`,
      error_codes: pick(random, [[number()], [number(), 700016], [text()], text()]),
      trace_id: text(),
      correlation_id: next().personnummer,
      claims: text(),
    }),
    JSON.stringify({ access_token: "", expires_in: text(), token_type: text() }),
    text(),
  ]);
  const status = pick(random, [200, 400, 401, 403, 429, 500, 503]);
  return new Response(body, { status, headers: hostileHeaders(random, next) });
}

/** A page of listings, or something that is none. */
export function hostilePage(random: Random, next: NextPerson, url: string): Response {
  if (random(20) === 0) return hostileAnswer(random, next);
  const text = () => mention(random, next());
  // Most pages have another after them: a night costs more than a page.
  const link = random(10) > 0
    ? `${url.replace(/&\$skiptoken=.*/, "")}&$skiptoken=${encodeURIComponent(text())}`
    : pick(random, [undefined, `https://${encodeURIComponent(next().email)}/`, text()]);
  const value = Array.from({ length: random(20) }, () => ({
    hlf_mentorid: pick<unknown>(random, [text(), crypto.randomUUID(), null, 7, next()]),
    hlf_published: pick<unknown>(random, [true, false, text()]),
    hlf_name: next().name,
  }));
  return Response.json({ "@odata.context": text(), value, "@odata.nextLink": link });
}

/** What the database, or something before it, answers to a request of the function. */
export function hostileRestError(random: Random, next: NextPerson): Response {
  const text = () => mention(random, next());
  const body = pick(random, [
    JSON.stringify({
      code: pick(random, [text(), next().phone, next().personnummer, "23514", "PGRST301", "42501"]),
      message: text(),
      details: `Failing row contains (${text()}).`,
      hint: text(),
    }),
    JSON.stringify({ [next().name]: text() }),
    `<html>${text()}</html>`,
    text(),
  ]);
  const status = pick(random, [400, 401, 403, 404, 409, 500, 502, 503, 520]);
  return new Response(body, { status, headers: hostileHeaders(random, next) });
}
