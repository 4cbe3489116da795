import { NEWER } from "./newer.ts";

/** What TypeScript's library does not know yet, and not every browser. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: () => string }): {
    createScriptURL(url: string): string;
  };
}

const WORKER = "worker.js";

/**
 * Has the browser keep the page for the next visit, where it can and the host has the worker; without, the page is the same, only
 * later there.
 *
 * @param mayReload whether a newer page may take the place of this one before anybody has touched it
 */
export async function keepPage(mayReload: boolean): Promise<void> {
  // Elsewhere than at the root of its folder the page may have neighbours, for which the worker must not answer.
  if (!/\/(index\.html)?$/.test(location.pathname)) return;
  try {
    const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
    // The page's policy admits this one script and no other.
    const policy = trustedTypes?.createPolicy("worker", { createScriptURL: () => WORKER });
    navigator.serviceWorker.addEventListener("message", ({ data }) => {
      const isTouched = navigator.userActivation?.hasBeenActive ?? true;
      if (data === NEWER && mayReload && !isTouched) location.reload();
    });
    await navigator.serviceWorker.register(policy?.createScriptURL("") ?? WORKER, {
      updateViaCache: "none",
    });
  } catch {
    // As above.
  }
}
