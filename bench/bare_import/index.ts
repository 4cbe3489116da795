/**
 * What the function's cold start is measured against: it imports supabase-js and answers.
 *
 * @module
 */
import { createClient } from "@supabase/supabase-js";

Deno.serve(() => new Response(createClient.name, { status: 202 }));
