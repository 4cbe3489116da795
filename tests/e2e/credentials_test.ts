import { assertEquals } from "@std/assert";
import { DEFAULT_CLIENT_SECRET } from "../../simulator/defaults.ts";
import { QUICK_BACKOFF, scenariosTest } from "./harness.ts";
import {
  auditRows,
  awaitAlerts,
  eventually,
  isOnWebsite,
  lastAttempt,
  openAlerts,
  post,
  setStatus,
  sweep,
  untilIdle,
} from "../../stack/observe.ts";
import type { Stack } from "../../stack/stack_types.ts";
import { RELEASE } from "../../supabase/functions/_shared/release.ts";

async function gateIsClosed(stack: Stack): Promise<boolean> {
  const [gate] = await stack.sql<{ reason: string | null }>(
    "select reason from public.hlf_sync_gate",
  );
  return gate?.reason === "credentials";
}

scenariosTest("credentials", { functionEnvironment: QUICK_BACKOFF }, {
  async "a token that is revoked in mid-run is renewed once, within the attempt"(stack) {
    const before = await lastAttempt(stack, "a1");
    await stack.simulator.setCredentials({ revokeTokens: true });
    await setStatus(stack, "a1", "paused");
    await eventually("a1 is gone", async () => !(await isOnWebsite(stack, "a1")));
    await untilIdle(stack);
    const rows = await auditRows(stack, "a1", before);
    assertEquals(rows.map((row) => [row.outcome, row.retry_count]), [["success", 0]]);
  },

  async "an application user without rights closes the gate, and nobody is given up for it"(stack) {
    await stack.simulator.setCredentials({ privileged: false });
    await setStatus(stack, "a2", "paused");
    await eventually("the gate is closed", () => gateIsClosed(stack));
    await eventually(
      "the alert is open",
      async () => (await openAlerts(stack)).includes("credentials_rejected"),
    );
    await sweep(stack);
    await stack.simulator.setCredentials({ privileged: true });
    await untilIdle(stack);
    assertEquals(await isOnWebsite(stack, "a2"), false);
    await awaitAlerts(stack);
    assertEquals(
      await stack.sql("select id from public.hlf_sync_audit_log where outcome = 'dead_lettered'"),
      [],
    );
  },

  async "the health check says what is wrong, and opens nothing"(stack) {
    const ask = () => post(stack, { type: "health" }, { apikey: stack.secretKey });
    assertEquals((await ask()).body, { dynamics: "ok", release: RELEASE });
    await stack.simulator.setCredentials({ clientSecret: "another" });
    const rejected = await ask();
    assertEquals([rejected.status, rejected.body], [503, {
      dynamics: "credentials_rejected",
      release: RELEASE,
    }]);
    await stack.simulator.setCredentials({ clientSecret: DEFAULT_CLIENT_SECRET });
    assertEquals((await ask()).status, 200);
  },

  async "a night with a rejected secret raises the alert although nothing is due"(stack) {
    await stack.simulator.setCredentials({ clientSecret: "another", revokeTokens: true });
    await post(stack, { type: "nightly" }, { apikey: stack.secretKey });
    await eventually(
      "the alert is open",
      async () => (await openAlerts(stack)).includes("credentials_rejected"),
    );
    assertEquals(await gateIsClosed(stack), true);
    await stack.simulator.setCredentials({ clientSecret: DEFAULT_CLIENT_SECRET });
    // Nothing is due now either: the sweep alone finds the secret accepted.
    await sweep(stack);
    await eventually("the gate is open", async () => !(await gateIsClosed(stack)));
    await awaitAlerts(stack);
  },
});
