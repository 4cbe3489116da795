import { assert, assertEquals, fail } from "@std/assert";
import { Names } from "../model/names.ts";
import { outlookOf, progressOf, type Sending } from "../model/outlook.ts";
import type { Gate, SyncState } from "../model/rows.ts";
import { listMentors } from "../model/standing.ts";
import { stateOf } from "../model/testing.ts";
import { describeNext, describeOutlook, describeTrouble } from "./describe_state.ts";
import { en } from "./en.ts";
import { nb } from "./nb.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const LONG_AGO = "2026-11-20T12:00:00+00:00";
const LATER = "2026-11-22T12:30:00+00:00";

/** Every way in which a mentor's listing can stand. */
const STATES: Record<string, Partial<SyncState>> = {
  "shown as wanted": { confirmed_at: LONG_AGO },
  "hidden as wanted": {
    wanted_operation: "remove",
    confirmed_operation: "remove",
    confirmed_at: LONG_AGO,
  },
  "hidden a minute ago": {
    wanted_operation: "remove",
    confirmed_operation: "remove",
    confirmed_at: "2026-11-22T11:59:00+00:00",
  },
  "to be hidden, due": { wanted_operation: "remove", due_at: LONG_AGO },
  "to be hidden, tried again later": {
    wanted_operation: "remove",
    due_at: LATER,
    attempts: 2,
    last_error: "timeout",
  },
  "to be hidden, in flight": { wanted_operation: "remove", in_flight_attempt_id: "x" },
  "to be hidden, given up": {
    wanted_operation: "remove",
    dead_lettered_at: LONG_AGO,
    attempts: 8,
    last_error: "credentials_rejected",
  },
  "to be hidden again, since the night found it shown": {
    wanted_operation: "remove",
    confirmed_operation: "remove",
    due_at: LONG_AGO,
  },
  "to be shown, due": { confirmed_operation: "remove", due_at: LONG_AGO },
  "to be shown, never confirmed": { confirmed_operation: null, confirmed_at: null },
  "to be shown, tried again later": {
    confirmed_operation: "remove",
    due_at: LATER,
    attempts: 1,
    last_error: "throttled",
  },
  "to be shown, given up": {
    confirmed_operation: null,
    dead_lettered_at: LONG_AGO,
    attempts: 8,
    last_error: "listing_not_found",
  },
};

const GATES: Record<string, Gate | null> = {
  open: { closed_until: "-infinity", reason: null },
  "opened again": { closed_until: LONG_AGO, reason: "throttled" },
  throttled: { closed_until: LATER, reason: "throttled" },
  credentials: { closed_until: "infinity", reason: "credentials" },
  settings: { closed_until: "infinity", reason: "settings" },
  "closed for a reason that is new": { closed_until: "infinity", reason: "something_else" },
  "closed without a reason": { closed_until: "infinity", reason: null },
  unread: null,
};

const ORGANISATIONS = {
  "connected": { is_enabled: true },
  "not connected": { is_enabled: false },
};

/** What the database has found; those in the second line leave what is waiting to go by itself. */
const ALERTS: Record<string, readonly { kind: string }[] | null> = {
  "no alert": [],
  "another alert": [{ kind: "nights_stopped" }, { kind: "dynamics_unreachable" }],
  "alerts unread": null,
  "the function cannot be called": [{ kind: "nights_stopped" }, { kind: "cannot_call" }],
  "jobs have stopped": [{ kind: "jobs_stopped" }],
};

/** What only an open gate makes true. */
const PROMISES =
  /sendes automatisk(?! etter)|Sendes straks|Sendes nå|Neste forsøk|prøver igjen automatisk|sent automatically(?! after)|About to be sent|Being sent now|Next attempt|try again automatically/;

function outlook(
  states: Partial<SyncState>[],
  gate: Gate | null,
  isConnected = true,
  alerts: Sending["alerts"] = [],
) {
  const names = new Names(new Map(), null, null);
  const mentors = listMentors(
    states.map((state, index) => stateOf({ ...state, mentor_id: `m${index}` })),
    names,
  );
  return {
    mentors,
    ...outlookOf(mentors, { gate, alerts }, { is_enabled: isConnected }, NOW, 75),
  };
}

for (const [standing, state] of Object.entries(STATES)) {
  for (const [gateName, gate] of Object.entries(GATES)) {
    for (const [organisation, { is_enabled }] of Object.entries(ORGANISATIONS)) {
      Deno.test(`The page promises only what can happen: ${standing}, gate ${gateName}, ${organisation}`, () => {
        for (const [alertName, alerts] of Object.entries(ALERTS)) {
          const isStalled = ["the function cannot be called", "jobs have stopped"].includes(
            alertName,
          );
          const seen = outlook([state], gate, is_enabled, alerts);
          const listed = seen.mentors[0] ?? fail("nobody is listed");
          const isOpen = is_enabled && !isStalled &&
            (gateName === "open" || gateName === "opened again");
          const isConfirmed = standing.endsWith("as wanted") || standing === "hidden a minute ago";
          const mustHide = standing.startsWith("to be hidden");
          const isGivenUp = standing.endsWith("given up");

          assertEquals(
            progressOf(listed.standing, seen.hold),
            isConfirmed ? "confirmed" : isGivenUp ? "needs_you" : isOpen ? "on_its_way" : "held",
          );
          const isForAPerson = isGivenUp ||
            (!isConfirmed && !isOpen && !(gateName === "throttled" && is_enabled));
          assertEquals(
            seen.answer,
            isForAPerson ? "no" : standing.endsWith("as wanted") ? "yes" : "soon",
          );
          const stillShown = Object.values(seen.stillShown).reduce((sum, count) => sum + count, 0);
          assertEquals(stillShown, mustHide ? 1 : 0);

          for (const words of [nb, en]) {
            const circumstances = { now: NOW, words, hold: seen.hold, lagMinutes: 75 };
            const said = [
              ...describeOutlook(seen, NOW, words),
              describeNext(listed.state, listed.standing, circumstances) ?? "",
              describeTrouble(listed.state, listed.standing, seen.hold, words)?.todo ?? "",
              words.overview.tiles[progressOf(listed.standing, seen.hold)],
              words.progress[progressOf(listed.standing, seen.hold)],
            ].join(" ");
            if (!isOpen && !isConfirmed) assertEquals(said.match(PROMISES)?.[0], undefined, said);
            // «Send now» helps nobody while nothing can be sent.
            if (!isOpen && isGivenUp) {
              assert(/sendingen er i gang igjen|once sending goes on/.test(said), said);
            }
            const says = (text: string) => said.toLowerCase().includes(text);
            assertEquals(
              says("kan fortsatt vises på nettsiden") || says("may still be shown on the website"),
              mustHide,
              said,
            );
            assertEquals(
              says("kan være synlig på nettsiden til kl.") ||
                says("visible on the website until 14"),
              standing === "hidden a minute ago",
              said,
            );
          }
        }
      });
    }
  }
}

Deno.test("outlookOf() puts those who may still be shown before everything else", () => {
  const seen = outlook([
    STATES["to be shown, given up"] ?? {},
    STATES["to be hidden, due"] ?? {},
    STATES["shown as wanted"] ?? {},
    STATES["to be hidden, given up"] ?? {},
  ], GATES.open ?? null);
  assertEquals(seen.mentors.map(({ id }) => id), ["m3", "m1", "m0", "m2"]);
  assertEquals(describeOutlook(seen, NOW, nb), [
    "Nei.",
    "1 likeperson kan fortsatt vises på nettsiden og må følges opp.",
    "1 likeperson kan fortsatt vises på nettsiden, men fjerningen sendes automatisk.",
    "1 likeperson må følges opp.",
  ]);
  assertEquals(seen.attention, 2);
});

Deno.test("outlookOf() says until when a confirmed removal may be seen, and only for so long", () => {
  const seen = outlook([STATES["hidden a minute ago"] ?? {}], GATES.open ?? null);
  assertEquals(describeOutlook(seen, NOW, nb), [
    "Snart.",
    "1 likeperson er fjernet, men kan være synlig på nettsiden til kl.\u00a014.14.",
  ]);
  const later = outlookOf(
    seen.mentors,
    { gate: GATES.open ?? null, alerts: [] },
    { is_enabled: true },
    new Date("2026-11-22T13:14:00Z"),
    75,
  );
  assertEquals(later.answer, "yes");
});
