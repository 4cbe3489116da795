/** The part of the browser's store that is needed. */
export type Kept = Pick<Cache, "match" | "put" | "delete">;

/** A host's answers after which the page is not there any more, or not for everybody. */
const GONE = [401, 403, 404, 410];

/**
 * Keeps the page in the browser, so that whoever comes again sees it without a wait for the host. It keeps this one file, which is
 * the same for everybody: nothing that anybody has typed, read or been sent, and no address that somebody came by.
 */
export class PageKeeper {
  /**
   * @param address of the page, without anything behind it
   * @param open the store; it can fail, as browsers may forbid it
   */
  constructor(
    private readonly address: string,
    private readonly open: () => Promise<Kept>,
    private readonly get: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  /** Whether an address is that of the page, whatever stands behind it. */
  owns(url: string): boolean {
    const { origin, pathname } = new URL(url);
    return [this.address, `${this.address}index.html`].includes(origin + pathname);
  }

  /** The page as it is kept; null when it is not. Never fails: without a store the host is asked. */
  async kept(): Promise<Response | null> {
    try {
      return await (await this.open()).match(this.address) ?? null;
    } catch {
      return null;
    }
  }

  /**
   * The page as the host has it now, which is kept for the next visit.
   *
   * @throws {TypeError} when there is no contact
   */
  async newest(): Promise<Response> {
    const response = await this.get(this.address, { cache: "no-cache", redirect: "manual" });
    try {
      const kept = await this.open();
      const isElsewhere = response.type === "opaqueredirect";
      if (isElsewhere || GONE.includes(response.status)) await kept.delete(this.address);
      else if (isPage(response)) await kept.put(this.address, response.clone());
    } catch {
      // What cannot be kept is asked for again.
    }
    return response;
  }

  /** Whether the host has another page now than the one that is kept. */
  async isNewer(kept: Response | null, newest: Response): Promise<boolean> {
    if (kept === null || !isPage(newest)) return false;
    return await kept.text() !== await (await this.kept())?.text();
  }
}

/** A host in trouble may answer with anything. */
function isPage({ status, headers }: Response): boolean {
  return status === 200 && (headers.get("content-type") ?? "").startsWith("text/html");
}
