import { assertEquals } from "@std/assert";
import {
  awaitAlerts,
  eventually,
  isOnWebsite,
  openAlerts,
  setStatus,
  sweep,
  untilIdle,
} from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { QUICK_BACKOFF, scenariosTest } from "./harness.ts";

/** As if the server had been started anew, in place or from a copy. */
async function restart(stack: Stack): Promise<void> {
  await stack.sql("update hlf_sync.project set server = 'the server before'");
}

async function maySend(stack: Stack): Promise<boolean> {
  const [row] = await stack.sql<{ may_send: boolean }>("select hlf_sync.may_send()");
  return row?.may_send ?? false;
}

scenariosTest("project", { functionEnvironment: QUICK_BACKOFF }, {
  async "a server that was started anew is confirmed by its own function, and goes on"(stack) {
    await setStatus(stack, "a1", "paused");
    await eventually("a1 is gone", async () => !(await isOnWebsite(stack, "a1")));
    await restart(stack);
    assertEquals(await maySend(stack), false);
    await setStatus(stack, "a1", "active");
    await sweep(stack);
    await eventually("a1 is back", () => isOnWebsite(stack, "a1"));
    assertEquals(await maySend(stack), true);
  },

  async "a copy sends nothing to Dynamics until it is told that it is a project of its own"(stack) {
    await stack.sql("update hlf_sync.project set url = 'https://original.example'");
    await restart(stack);
    await stack.simulator.clearRequests();
    const told = stack.messages.texts.length;
    await setStatus(stack, "a2", "paused");
    await sweep(stack);
    await eventually(
      "the copy knows what it is",
      async () => (await openAlerts(stack)).includes("foreign_project"),
    );
    await sweep(stack);
    assertEquals(await isOnWebsite(stack, "a2"), true);
    assertEquals((await stack.simulator.requests()).filter(({ method }) => method === "PATCH"), []);
    assertEquals(stack.messages.texts.length, told);

    await stack.sql("select hlf_sync.set_project($1)", [stack.apiUrl]);
    await untilIdle(stack);
    assertEquals(await isOnWebsite(stack, "a2"), false);
    await awaitAlerts(stack);
  },
});
