/** The Supabase CLI as npm names it, of the version that `supabase/config.toml` is written for. */
export const SUPABASE_CLI = "supabase@3.1.0";
