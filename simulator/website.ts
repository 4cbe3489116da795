import type { Listing } from "./listings.ts";
import type { Reply } from "./messages.ts";

/**
 * The public page: the published listings as they were when the page was last rendered. The copy is
 * served until it is `cacheSeconds` old, so a confirmed write and a page without the mentor are two
 * moments, as on Power Pages.
 *
 * @see https://learn.microsoft.com/power-pages/admin/clear-server-side-cache
 */
export class Website {
  readonly #now: () => number;
  readonly #listings: () => Iterable<Listing>;
  #cacheSeconds: number;
  #page: { readonly renderedAt: number; readonly html: string } | null = null;

  constructor(now: () => number, listings: () => Iterable<Listing>, cacheSeconds: number) {
    this.#now = now;
    this.#listings = listings;
    this.#cacheSeconds = cacheSeconds;
  }

  /** How long a rendered page is served, in seconds; 0 means that it never lags. */
  set cacheSeconds(seconds: number) {
    this.#cacheSeconds = seconds;
  }

  /** Throws the cached page away, as an editor can in the real site's studio. */
  refresh(): void {
    this.#page = null;
  }

  handle(): Reply {
    const now = this.#now();
    if (this.#page === null || now - this.#page.renderedAt >= this.#cacheSeconds * 1_000) {
      this.#page = { renderedAt: now, html: renderPage(this.#listings(), now) };
    }
    const age = Math.floor((now - this.#page.renderedAt) / 1_000);
    return {
      status: 200,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "age": String(age),
      },
      body: this.#page.html,
    };
  }
}

/** The page as HTML; each mentor is an `<li data-mentor-id="…">`, in order of name. */
export function renderPage(listings: Iterable<Listing>, now: number): string {
  const shown = [...listings].filter((row) => row.published === true)
    .sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const items = shown.map((row) =>
    `      <li data-mentor-id="${escapeHtml(row.mentorId ?? "")}">${escapeHtml(row.name)}</li>\n`
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Find a peer mentor</title>
    <style>
      body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
      footer { color: #555; font-size: .85rem; }
    </style>
  </head>
  <body>
    <h1>Find a peer mentor</h1>
    <p>${shown.length} mentors are listed.</p>
    <ul>
${items.join("")}    </ul>
    <footer>Simulated public website. This copy was made ${new Date(now).toISOString()}.</footer>
  </body>
</html>
`;
}

/** The mentor ids on a rendered page, in order. */
export function mentorIdsOnPage(html: string): string[] {
  return [...html.matchAll(/<li data-mentor-id="([^"]*)">/g)]
    .map((match) => unescapeHtml(match[1] ?? ""));
}

/** Text made harmless inside HTML text and quoted attributes. */
function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

function unescapeHtml(text: string): string {
  return text.replaceAll("&#39;", "'").replaceAll("&quot;", '"').replaceAll("&gt;", ">")
    .replaceAll("&lt;", "<").replaceAll("&amp;", "&");
}
