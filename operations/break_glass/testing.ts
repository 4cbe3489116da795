import {
  DEFAULT_CLIENT_ID,
  DEFAULT_CLIENT_SECRET,
  DEFAULT_TENANT_ID,
  LISTING_KEY,
  LISTING_PUBLISHED,
  LISTING_SET,
} from "../../simulator/defaults.ts";
import type { Settings } from "../../supabase/functions/_shared/settings.ts";

/** Fixed id of the nth mentor of a test. */
export function mentorId(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}

/** What the simulator accepts when nobody has changed it. */
export function simulatorDynamics(url: string): Settings["dynamics"] {
  return {
    url,
    authorityHost: url,
    tenantId: DEFAULT_TENANT_ID,
    clientId: DEFAULT_CLIENT_ID,
    clientSecret: DEFAULT_CLIENT_SECRET,
    listing: { set: LISTING_SET, key: LISTING_KEY, published: LISTING_PUBLISHED },
  };
}
