/**
 * What coordinators do on their page, driven by Chromium against the local stack.
 *
 * One file of several, which run at the same time, because each starts a stack and a browser of its own.
 *
 * @module
 */
import { access } from "./access.ts";
import { CHROMIUM } from "./browser.ts";
import { forceSync } from "./force_sync.ts";
import { consoleTest } from "./harness.ts";
import { requeue } from "./requeue.ts";
import { signingIn } from "./signing_in.ts";
import { throughHost } from "./through_host.ts";
import { truth } from "./truth.ts";

consoleTest("Acting on the page in Chromium", CHROMIUM, {
  "The truth": truth,
  "Signing in": signingIn,
  "Force sync": forceSync,
  "Requeue": requeue,
  "Access": access,
  "Through the page's host": throughHost,
});
