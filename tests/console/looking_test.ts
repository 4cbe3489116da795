/**
 * What the coordinators' page shows, driven by Chromium against the local stack.
 *
 * @module
 */
import { accessibility } from "./accessibility.ts";
import { bigAndUgly } from "./big_and_ugly.ts";
import { CHROMIUM } from "./browser.ts";
import { comingAgain } from "./coming_again.ts";
import { consoleTest } from "./harness.ts";
import { linksAndBack } from "./links_and_back.ts";
import { log } from "./log.ts";
import { overview } from "./overview.ts";
import { paperAndContrast } from "./paper_and_contrast.ts";
import { phone } from "./phone.ts";
import { weight } from "./weight.ts";

consoleTest("Looking at the page in Chromium", CHROMIUM, {
  "The overview": overview,
  "Links and Back": linksAndBack,
  "A phone": phone,
  "Accessibility": accessibility,
  "Paper and contrast": paperAndContrast,
  "Weight": weight,
  "Coming again": comingAgain,
  "Big and ugly": bigAndUgly,
  // Last, because it seals a day, and no seal can be taken back.
  "The log": log,
});
