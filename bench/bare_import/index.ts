/**
 * What the function's cold start is measured against: it imports what the function cannot do without, and answers.
 *
 * @module
 */
import { PostgrestClient } from "@supabase/postgrest-js";
import * as z from "zod/mini";

const client = new PostgrestClient("https://database.invalid");
const trigger = z.object({ type: z.string() });

Deno.serve(async (request) => {
  const { success } = trigger.safeParse(await request.json());
  return new Response(client.url, { status: success ? 202 : 400 });
});
