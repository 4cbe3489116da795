import { ORGANISATION_A } from "../../../stack/observe.ts";
import type { Stack } from "../../../stack/stack_types.ts";

/** The invented id of one of many mentors. */
export function crowdMember(index: number): string {
  return `00000000-0000-4000-a000-${index.toString(16).padStart(12, "0")}`;
}

/**
 * Puts up so many mentors of one organisation, each listed in Dynamics the other way round than the app wants it: those
 * with an even number are active and have to be shown, the others have to go. With `from` they join those who are there.
 */
export async function gatherCrowd(
  stack: Stack,
  count: number,
  options: { readonly all?: "active" | "paused"; readonly from?: number } = {},
): Promise<void> {
  const { from = 0 } = options;
  const isActive = (index: number) =>
    options.all === undefined ? index % 2 === 0 : options.all === "active";
  const members = Array.from({ length: count }, (_, index) => from + index);
  await stack.simulator.seed(
    members.map((index) => ({ mentorId: crowdMember(index), published: !isActive(index) })),
  );
  if (from === 0) await stack.sql("delete from public.mentors");
  await stack.sql(
    `insert into public.mentors (id, organisation_id, full_name, status)
     select m.id::uuid, $1::text::uuid, 'One of many', m.status::public.mentor_status
     from unnest($2::text[], $3::text[]) as m (id, status)`,
    [
      ORGANISATION_A,
      members.map(crowdMember),
      members.map((index) => isActive(index) ? "active" : "paused"),
    ],
  );
}

/** Mentors that wait for an attempt or have one under way. */
export async function countOpen(stack: Stack): Promise<number> {
  const [row] = await stack.sql<{ open: number }>(
    `select count(*)::integer as open from public.hlf_sync_state
     where due_at is not null or in_flight_attempt_id is not null`,
  );
  return row?.open ?? -1;
}

/** Far longer than the longest backlog takes on a machine that is busy with much else. */
const PATIENCE_SECONDS = 900;

/** Sweeps, as pg_cron does, until nobody waits any more. */
export async function untilDrained(stack: Stack): Promise<void> {
  const deadline = performance.now() + PATIENCE_SECONDS * 1000;
  while (await countOpen(stack) > 0) {
    if (performance.now() > deadline) {
      throw new Error(`After ${PATIENCE_SECONDS} s ${await countOpen(stack)} mentors still wait`);
    }
    await stack.sql("select hlf_sync.sweep()");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
