/**
 * Plays the story of a mentor's listing once, on a stack of its own or on one that is given, and ends with 0 only if all of
 * it held: `deno task demo`, or `deno task --env-file=<file> demo:given` with what `supabase status -o env` tells.
 *
 * @module
 */
import { DEFAULT_CLIENT_SECRET } from "../simulator/defaults.ts";
import { playStory } from "./demo/play_story.ts";
import { DEMO_SETTINGS, tellStory } from "./demo/story.ts";
import { startConfiguredStack } from "../stack/configured_stack.ts";
import { connectGivenStack } from "../stack/given_stack.ts";
import type { ReachableStack } from "../stack/stack_types.ts";
import { runCommand } from "./run_command.ts";
import { untilInterrupted } from "./until_interrupted.ts";

/** Plays, and stops the stack in any case: when it is over, when something does not hold, and at Ctrl-C. */
async function playAndStop<S extends ReachableStack>(
  starting: Promise<S>,
  renewSecret: (stack: S, secret: string) => Promise<void>,
  interrupted: Promise<number>,
): Promise<number> {
  const stack = await starting;
  try {
    return await Promise.race([
      playStory(stack, tellStory(renewSecret)).then(() => 0),
      interrupted,
    ]);
  } finally {
    await stack.stop();
  }
}

await runCommand(async () => {
  const interrupted = untilInterrupted().then(() => 130);
  if (Deno.args.includes("--given")) {
    return await playAndStop(
      connectGivenStack(Deno.env.toObject()),
      // Its function cannot be told another secret from here: the one it has becomes valid again.
      ({ simulator }) => simulator.setCredentials({ clientSecret: DEFAULT_CLIENT_SECRET }),
      interrupted,
    );
  }
  const starting = startConfiguredStack({
    cron: false,
    websiteCacheSeconds: 0,
    functionEnvironment: DEMO_SETTINGS,
    progress: (message) => console.log(`${message} …`),
  });
  return await playAndStop(
    starting,
    (stack, secret) => stack.restartFunction({ DYNAMICS_CLIENT_SECRET: secret }),
    interrupted,
  );
});
