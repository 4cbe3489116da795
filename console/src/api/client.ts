import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../supabase/functions/_shared/database.types.ts";
import type { Config } from "../config.ts";

export type Client = SupabaseClient<Database>;

const READ_TIMEOUT_MS = 15_000;

/** A client that keeps the session in this browser and renews it by itself. */
export function createConsoleClient(config: Config, get: typeof fetch = fetch): Client {
  return createClient<Database>(config.supabaseUrl, config.publishableKey, {
    global: { fetch: get },
    // What is read is read again soon; retries within would only hide that there is no contact.
    db: { retry: false, timeout: READ_TIMEOUT_MS },
  });
}
