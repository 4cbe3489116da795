/// <reference lib="dom" />
/**
 * Runs before the page's script has been read, which takes a while on a phone.
 *
 * @module
 */
import { askAhead, type HeadStart, likelyOrganisation, sessionKey } from "./api/head_start.ts";
import { ORGANISATION } from "./live/preferences.ts";

try {
  const project = document.querySelector('meta[name="project"]')?.getAttribute("content");
  const config = JSON.parse(project ?? "");
  const organisationId = likelyOrganisation(location.hash, localStorage.getItem(ORGANISATION));
  const session = localStorage.getItem(sessionKey(config.supabaseUrl));
  const ahead = askAhead(config, session, organisationId, Date.now(), fetch);
  (globalThis as { headStart?: HeadStart }).headStart = ahead;
} catch {
  // The page asks by itself, and says what is wrong.
}
