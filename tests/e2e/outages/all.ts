import { CREDENTIALS_OUTAGES } from "./credentials_outages.ts";
import { DYNAMICS_OUTAGES } from "./dynamics_outages.ts";
import { EVIDENCE_OUTAGES } from "./evidence_outages.ts";
import { FUNCTION_OUTAGES } from "./function_outages.ts";
import { MENTOR_OUTAGES } from "./mentor_outages.ts";
import { NIGHT_OUTAGES } from "./night_outages.ts";
import type { Outage } from "./outage.ts";
import { PLATFORM_OUTAGES } from "./platform_outages.ts";

/** Every outage that is played. */
export const OUTAGES: readonly Outage[] = [
  ...DYNAMICS_OUTAGES,
  ...CREDENTIALS_OUTAGES,
  ...FUNCTION_OUTAGES,
  ...PLATFORM_OUTAGES,
  ...MENTOR_OUTAGES,
  ...NIGHT_OUTAGES,
  ...EVIDENCE_OUTAGES,
];
