/**
 * The coordinator's page, driven by Chromium against the local stack.
 *
 * One file, because each file of tests would start a stack and a browser of its own.
 *
 * @module
 */
import { access } from "./access.ts";
import { accessibility } from "./accessibility.ts";
import { bigAndUgly } from "./big_and_ugly.ts";
import { forceSync } from "./force_sync.ts";
import { consoleTest } from "./harness.ts";
import { linksAndBack } from "./links_and_back.ts";
import { log } from "./log.ts";
import { overview } from "./overview.ts";
import { paperAndContrast } from "./paper_and_contrast.ts";
import { phone } from "./phone.ts";
import { requeue } from "./requeue.ts";
import { signingIn } from "./signing_in.ts";
import { truth } from "./truth.ts";
import { weight } from "./weight.ts";

consoleTest({
  "The overview": overview,
  "The truth": truth,
  "Links and Back": linksAndBack,
  "Signing in": signingIn,
  "Force sync": forceSync,
  "Requeue": requeue,
  "A phone": phone,
  "Access": access,
  "Accessibility": accessibility,
  "Paper and contrast": paperAndContrast,
  "Weight": weight,
  "Big and ugly": bigAndUgly,
  // Last, because it seals a day, and no seal can be taken back.
  "The log": log,
});
