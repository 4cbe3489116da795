/**
 * What is passed on: questions to the database, and nothing else. Auth counts attempts by address, and everybody who comes through a
 * host has the host's: one who guesses passwords would lock out all. The function answers later than many a host waits.
 */
const PASSED_ON = "/rest/v1/";
/** Headers of a request that belong to one connection, or to the host alone. */
const KEPT_BACK = [
  "accept-encoding",
  "connection",
  "content-length",
  "cookie",
  "host",
  "transfer-encoding",
];

/** No answer of the project may act as a page of the host, where the sessions lie. */
export const PASSED_ON_HEADERS = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
  "x-content-type-options": "nosniff",
};

/** Whether what is asked is the project's to answer, and not the page's host's. */
export function isPassedOn(request: Request): boolean {
  return new URL(request.url).pathname.startsWith(PASSED_ON);
}

/** Asks the project what the page has asked its host, and answers with what it says. */
export async function passOn(request: Request, projectUrl: string): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  for (const name of KEPT_BACK) headers.delete(name);
  const { method, body } = request;
  try {
    const answer = await fetch(`${projectUrl}${pathname}${search}`, {
      method,
      headers,
      body,
      redirect: "manual",
    });
    const response = new Response(answer.body, answer);
    for (const [name, value] of Object.entries(PASSED_ON_HEADERS)) {
      response.headers.set(name, value);
    }
    return response;
  } catch {
    return new Response("The project does not answer", { status: 502 });
  }
}
