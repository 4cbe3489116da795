import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { readAttempts } from "../api/log.ts";
import { groupChanges } from "../model/changes.ts";
import { addDays, dayOf } from "../model/moment.ts";
import { fadesUntil, progressOf } from "../model/outlook.ts";
import type { Attempt } from "../model/rows.ts";
import { isStillShown, type ListedMentor, standingOf } from "../model/standing.ts";
import { describeDay, describeEvent, describeTimestamp } from "../words/describe.ts";
import { describeNext, describeTrouble } from "../words/describe_state.ts";
import { ProgressBadge } from "./badges.tsx";
import { ChangeCard } from "./change_card.tsx";
import { useView, useWorkplace } from "./context.ts";
import { type Fact, Facts } from "./facts.tsx";
import { ForceSyncResult, MentorAction } from "./force_sync.tsx";
import { Icon } from "./icons.tsx";
import { Meaning } from "./meaning.tsx";
import { Message } from "./message.tsx";
import { Page } from "./page.tsx";
import { Support, Urgent } from "./support.tsx";

const RECENT_ATTEMPTS = 20;
const RECENT_DAYS = 365;

/** One mentor: what is wanted, what is confirmed, what happens next, and what was tried. */
export function MentorView() {
  const { app, words, links } = useView();
  const { live, naming } = useWorkplace();
  const route = app.route.value;
  const mentorId = route.view === "mentor" ? route.mentorId : "";
  const state = live.states.value?.get(mentorId);
  const attempts = useSignal<readonly Attempt[] | null>(null);
  const back = (
    <p>
      <a class="back" href={links.mentors()}>
        <Icon name="back" />
        {words.mentor.back}
      </a>
    </p>
  );
  if (live.states.value === null) {
    return <p class="loading muted" role="status">{words.app.loading}</p>;
  }
  if (state === undefined) {
    return (
      <>
        {back}
        <Page title={words.mentor.unknown}>
          <p>{words.mentor.unknownHelp}</p>
        </Page>
      </>
    );
  }
  const known = live.names.value.known(mentorId);
  const listed: ListedMentor = { id: mentorId, known, state, standing: standingOf(state) };
  return (
    <>
      {back}
      <Page key={mentorId} title={naming(mentorId)} isReady={attempts.value !== null}>
        <Now listed={listed} />
        <Recent listed={listed} attempts={attempts} />
        <Meaning />
      </Page>
    </>
  );
}

function Now({ listed }: { listed: ListedMentor }) {
  const { app, words, now, lagMinutes } = useView();
  const { forceSyncs, hold } = useWorkplace();
  const { state, standing, known } = listed;
  const { listingUrl } = app.settings;
  const next = describeNext(state, standing, { now, words, hold, lagMinutes });
  // What came of a press of the button says the same.
  const hasResult = forceSyncs.all.value.get(listed.id)?.kind === "answered";
  const trouble = hasResult ? null : describeTrouble(state, standing, hold, words);
  const confirmedAt = describeTimestamp(state.confirmed_at, now, words);
  const status = known === "unread"
    ? words.app.loading
    : typeof known === "string"
    ? words.status.deleted
    : (words.status as Record<string, string>)[known.status] ?? known.status;
  const expiry = typeof known === "string" ? null : known.certification_expiry_date;
  const hasAttempts = standing !== "in_sync" && state.attempts > 0;
  const facts: Fact[] = [
    [words.mentor.status, status],
    [words.mentor.certification, expiry && describeDay(expiry, now, words.locale)],
    [words.mentor.wanted, words.wanted[state.wanted_operation]],
    [words.mentor.confirmed, words.confirmed[state.confirmed_operation ?? "none"]],
    [words.mentor.confirmedAt, confirmedAt || words.mentor.never],
    [words.mentor.next, next ?? words.mentor.noNext],
    [words.mentor.attempts, hasAttempts ? words.number(state.attempts) : null],
  ];
  return (
    <div class="card">
      <p role="status">
        <ProgressBadge progress={progressOf(standing, hold)} />
      </p>
      {isStillShown(state) && (
        <Message tone="bad">
          <p>{words.mentors.stillShown}</p>
          <Urgent />
        </Message>
      )}
      {fadesUntil(state, now, lagMinutes) !== null && next !== null && (
        <Message tone="wait">
          <p>{next}</p>
        </Message>
      )}
      {trouble !== null && (
        <Message tone={standing === "stuck" || hold !== null ? "bad" : "wait"}>
          <p>{trouble.meaning}</p>
          <p>
            <strong>{words.log.details.todo}:</strong> {trouble.todo}
          </p>
          {trouble.isForSupport && <Support />}
        </Message>
      )}
      <Facts facts={facts} />
      {listingUrl !== null && (
        <p>
          <a
            href={listingUrl.replaceAll("{id}", encodeURIComponent(listed.id))}
            target="_blank"
            rel="noreferrer"
          >
            {words.mentor.listing}
          </a>
        </p>
      )}
      <div class="action">
        <MentorAction listed={listed} />
        <p class="muted">{words.force.preview[state.wanted_operation]}</p>
      </div>
      <ForceSyncResult listed={listed} />
    </div>
  );
}

interface RecentProps {
  readonly listed: ListedMentor;
  readonly attempts: Signal<readonly Attempt[] | null>;
}

/** What was asked for, and what came of it: one timeline per change, however many attempts it took. */
function Recent({ listed, attempts }: RecentProps) {
  const { app, words, links } = useView();
  const { live, organisation } = useWorkplace();
  const { id: mentorId, state } = listed;

  useSignalEffect(() => {
    void live.logVersion.value;
    const to = dayOf(app.device.now());
    const filter = { mentorId, outcome: null, from: addDays(to, -RECENT_DAYS), to };
    readAttempts(app.client, organisation.id, filter, null, RECENT_ATTEMPTS)
      .then((rows) => attempts.value = rows)
      // Without contact the rows stay as they are; the banner says so.
      .catch(() => {});
  });

  const changes = groupChanges(attempts.value ?? []);
  const isAsked = listed.standing !== "in_sync" && changes[0]?.isOver !== false;
  return (
    <section aria-labelledby="recent">
      <div class="section-head">
        <h2 id="recent">{words.mentor.recent}</h2>
        <a class="more" href={links.log(new URLSearchParams({ mentor: mentorId }))}>
          {words.mentor.wholeLog}
        </a>
      </div>
      {attempts.value?.length === 0 && <p class="muted">{words.mentor.noRecent}</p>}
      <ol class="changes">
        {isAsked && (
          <li class="card">
            <p>
              <strong>{words.wanted[state.wanted_operation]}</strong>
            </p>
            <p class="muted">
              {words.timeline.asked}: {describeEvent(state.triggered_by_event, words)}
            </p>
          </li>
        )}
        {changes.map((change, index) => (
          <ChangeCard
            key={change.attempts[0]?.id}
            change={change}
            isLatest={index === 0 && !isAsked}
          />
        ))}
      </ol>
    </section>
  );
}
