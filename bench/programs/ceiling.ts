/**
 * The ceiling: the requests to Dynamics and nothing else, as many at a time as allowed.
 *
 * @module
 */
import { fetchToken, measure, patchListing, readAssignment } from "./job.ts";

const { simulatorUrl, mentorIds, warmUp, inFlight } = readAssignment();
const token = await fetchToken(simulatorUrl);

async function patchAll(ids: readonly string[]): Promise<void> {
  let next = 0;
  const slot = async () => {
    for (let index = next++; index < ids.length; index = next++) {
      await patchListing(simulatorUrl, token, {
        id: crypto.randomUUID(),
        mentorId: ids[index] ?? "",
        published: index % 2 === 0,
      });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, slot));
}

await patchAll(mentorIds.slice(0, warmUp));
await measure(() => patchAll(mentorIds));
