import { assertEquals } from "@std/assert";
import { DEFAULT_CLIENT_SECRET } from "../../simulator/defaults.ts";
import {
  awaitAlerts,
  awaitAuditRows,
  eventually,
  isOnWebsite,
  lastAttempt,
  mentor,
  openAlerts,
  post,
  setStatus,
  signIn,
  sweep,
} from "../../stack/observe.ts";
import type { ReachableStack } from "../../stack/stack_types.ts";

/** One thing that happens, and what must hold afterwards. */
export interface Chapter<S> {
  readonly title: string;
  /** Whose attempts to show. */
  readonly mentors: readonly string[];
  /** Throws when what must hold does not. */
  readonly play: (stack: S, tell: (line: string) => void) => Promise<void>;
}

/** So that the demo shows in seconds what takes hours in production. */
export const DEMO_SETTINGS = { HLF_SYNC_BACKOFF_SECONDS: "0.2,0.3,0.4" };
const ATTEMPTS = 4;
const RENEWED_SECRET = `${DEFAULT_CLIENT_SECRET}-renewed`;

async function gone(stack: ReachableStack, code: string): Promise<void> {
  await eventually(`${code} is off the website`, async () => !(await isOnWebsite(stack, code)));
}

async function shown(stack: ReachableStack, code: string): Promise<void> {
  await eventually(`${code} is on the website`, () => isOnWebsite(stack, code));
}

/** Plays something and compares the attempts it leaves: outcome, code and retry_count. */
async function expectAttempts(
  stack: ReachableStack,
  code: string,
  play: () => Promise<void>,
  expected: readonly (readonly [string, number | null, number, string])[],
): Promise<void> {
  const before = await lastAttempt(stack, code);
  await play();
  const rows = await awaitAuditRows(stack, code, expected.length, before);
  assertEquals(
    rows.map((row) => [
      row.outcome,
      row.dynamics_response_code,
      row.retry_count,
      row.triggered_by_event,
    ]),
    expected,
  );
}

/**
 * What the demo plays.
 *
 * @param renewSecret Makes function and Dynamics agree on a secret again: this one, or the one that the function has.
 */
export function tellStory<S extends ReachableStack>(
  renewSecret: (stack: S, secret: string) => Promise<void>,
): readonly Chapter<S>[] {
  return [
    {
      title: "A mentor is paused: gone from the website, one audit row",
      mentors: ["a1"],
      async play(stack) {
        await shown(stack, "a1");
        await expectAttempts(stack, "a1", async () => {
          await setStatus(stack, "a1", "paused");
          await gone(stack, "a1");
        }, [["success", 204, 0, "status_change:paused"]]);
      },
    },
    {
      title: "The mentor is back: shown again",
      mentors: ["a1"],
      async play(stack) {
        await expectAttempts(stack, "a1", async () => {
          await setStatus(stack, "a1", "active");
          await shown(stack, "a1");
        }, [["success", 204, 0, "status_change:active"]]);
      },
    },
    {
      title: "Dynamics throttles: the gate closes until Retry-After, then it goes on",
      mentors: ["a2"],
      async play(stack) {
        await stack.simulator.addFault({
          match: { target: "patch", mentorId: mentor("a2") },
          answer: { status: 429, code: "0x80072322", headers: { "Retry-After": "1" } },
        });
        await expectAttempts(stack, "a2", async () => {
          await setStatus(stack, "a2", "paused");
          await gone(stack, "a2");
        }, [
          ["failure", 429, 0, "status_change:paused"],
          ["success", 204, 1, "status_change:paused"],
        ]);
      },
    },
    {
      title: "Dynamics is unavailable three times, then well",
      mentors: ["a3"],
      async play(stack) {
        await stack.simulator.addFault({
          match: { target: "patch", mentorId: mentor("a3") },
          times: 3,
          answer: { status: 503 },
        });
        await expectAttempts(stack, "a3", async () => {
          await setStatus(stack, "a3", "resigned");
          await gone(stack, "a3");
        }, [
          ["failure", 503, 0, "status_change:resigned"],
          ["failure", 503, 1, "status_change:resigned"],
          ["failure", 503, 2, "status_change:resigned"],
          ["success", 204, 3, "status_change:resigned"],
        ]);
      },
    },
    {
      title:
        "An outage outlasts the attempts: a dead letter, an alert, and the website still shows the mentor",
      mentors: ["a4"],
      async play(stack, tell) {
        await stack.simulator.addFault({
          match: { target: "patch", mentorId: mentor("a4") },
          times: null,
          answer: { status: 503 },
        });
        await expectAttempts(stack, "a4", () => setStatus(stack, "a4", "paused"), [
          ["failure", 503, 0, "status_change:paused"],
          ["failure", 503, 1, "status_change:paused"],
          ["failure", 503, 2, "status_change:paused"],
          ["dead_lettered", 503, ATTEMPTS, "status_change:paused"],
        ]);
        await eventually(
          "an alert is open",
          async () => (await openAlerts(stack)).includes("dead_letters"),
        );
        assertEquals(await isOnWebsite(stack, "a4"), true);
        tell("alert open: dead_letters");
      },
    },
    {
      title: "The outage is over; a coordinator signs in and presses force sync",
      mentors: ["a4"],
      async play(stack, tell) {
        await stack.simulator.clearFaults();
        await expectAttempts(stack, "a4", async () => {
          const coordinator = await signIn(stack);
          const answer = await post(
            stack,
            { type: "force_sync", mentor_id: mentor("a4") },
            coordinator,
          );
          assertEquals([answer.status, answer.body.outcome], [200, "success"]);
          await gone(stack, "a4");
        }, [["success", 204, 0, "manual_coordinator_requeue"]]);
        await awaitAlerts(stack);
        tell("alert closed: dead_letters");
      },
    },
    {
      title: "The secret is revoked: the gate closes, an alert, and no attempt is burnt",
      mentors: ["b1"],
      async play(stack, tell) {
        await stack.simulator.setCredentials({ clientSecret: RENEWED_SECRET, revokeTokens: true });
        // A worker keeps its token for an hour, unless it has to ask for a new one and is refused.
        const health = await post(stack, { type: "health" }, { apikey: stack.secretKey });
        assertEquals(health.body.dynamics, "credentials_rejected");
        await expectAttempts(stack, "b1", async () => {
          await setStatus(stack, "b1", "paused");
          await eventually(
            "the alert is open",
            async () => (await openAlerts(stack)).includes("credentials_rejected"),
          );
        }, []);
        assertEquals(await isOnWebsite(stack, "b1"), true);
        tell("alert open: credentials_rejected");
      },
    },
    {
      title: "The secret is renewed: work resumes by itself",
      mentors: ["b1"],
      async play(stack, tell) {
        await expectAttempts(stack, "b1", async () => {
          await renewSecret(stack, RENEWED_SECRET);
          await sweep(stack);
          await gone(stack, "b1");
        }, [["success", 204, 0, "status_change:paused"]]);
        await awaitAlerts(stack);
        tell("alert closed: credentials_rejected");
      },
    },
    {
      title: "A night: a certification has expired, and somebody changed a listing by hand",
      mentors: ["a1", "b2"],
      async play(stack, tell) {
        await stack.simulator.upsertListing({ mentorId: mentor("a1"), published: false });
        await stack.simulator.refreshWebsite();
        await stack.sql(
          "update public.mentors set certification_expiry_date = current_date - 2 where id = $1",
          [mentor("b2")],
        );
        const answer = await post(stack, { type: "nightly" }, { apikey: stack.secretKey });
        assertEquals(answer.status, 202);
        await gone(stack, "b2");
        await shown(stack, "a1");
        const [night] = await stack.sql<Record<string, unknown>>(
          `select expired_count, listing_count, drift_count, finished_at is not null as finished
         from public.hlf_nightly_runs`,
        );
        assertEquals(night, { expired_count: 1, listing_count: 8, drift_count: 1, finished: true });
        tell("night finished: 8 listings read, 1 certification expired, 1 drift put right");
      },
    },
  ];
}
