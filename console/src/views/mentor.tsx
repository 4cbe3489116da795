import { useSignal, useSignalEffect } from "@preact/signals";
import { readAttempts } from "../api/log.ts";
import { addDays, dayOf } from "../moment.ts";
import { links } from "../route.ts";
import type { Attempt } from "../rows.ts";
import { isStillShown, type ListedMentor, standingOf } from "../standing.ts";
import { describeEvent, describeTimestamp, nameOf } from "../words/describe.ts";
import { describeNext, describeTrouble } from "../words/describe_state.ts";
import { AttemptRow } from "./attempt_row.tsx";
import { StandingBadge } from "./badges.tsx";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { ForceSyncResult, MentorAction } from "./force_sync.tsx";
import { Icon } from "./icons.tsx";
import { Meaning } from "./meaning.tsx";
import { Message } from "./message.tsx";
import { Page } from "./page.tsx";

const RECENT_ATTEMPTS = 10;
const RECENT_DAYS = 365;

/** One mentor: what is wanted, what is confirmed, what happens next, and what was tried. */
export function MentorView() {
  const app = useApp();
  const words = useWords();
  const { live } = useWorkplace();
  const route = app.route.value;
  const mentorId = route.view === "mentor" ? route.mentorId : "";
  const state = live.states.value?.get(mentorId);
  const back = (
    <p>
      <a class="back" href={links.mentors()}>
        <Icon name="back" />
        {words.mentor.back}
      </a>
    </p>
  );
  if (live.states.value === null) {
    return <p class="loading" role="status">{words.app.loading}</p>;
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
  const mentor = live.mentors.value.get(mentorId) ?? null;
  const listed: ListedMentor = { id: mentorId, mentor, state, standing: standingOf(state) };
  return (
    <>
      {back}
      <Page key={mentorId} title={nameOf(mentor, mentorId, words)}>
        <Now listed={listed} />
        <Recent key={mentorId} mentorId={mentorId} />
        <Meaning />
      </Page>
    </>
  );
}

function Now({ listed }: { listed: ListedMentor }) {
  const app = useApp();
  const words = useWords();
  const { live, organisation } = useWorkplace();
  const { state, standing, mentor } = listed;
  const now = app.device.now();
  const next = describeNext(state, standing, {
    now,
    words,
    isHeld: !organisation.hlf_sync_enabled,
    gate: live.warnings.value?.gate,
  });
  const trouble = describeTrouble(state, standing, words);
  const confirmedAt = describeTimestamp(state.confirmed_at, now, words);
  return (
    <div class="card">
      <p role="status">
        <StandingBadge standing={standing} />
      </p>
      {isStillShown(state) && <Message tone="bad">{words.mentors.stillShown}</Message>}
      {trouble !== null && (
        <Message tone={standing === "stuck" ? "bad" : "wait"}>
          <p>{trouble.meaning}</p>
          <p>
            <strong>{words.log.details.todo}:</strong> {trouble.todo}
          </p>
        </Message>
      )}
      <dl class="facts">
        <Fact term={words.mentor.status} value={words.status[mentor?.status ?? "deleted"]} />
        <Fact term={words.mentor.wanted} value={words.wanted[state.wanted_operation]} />
        <Fact
          term={words.mentor.confirmed}
          value={words.confirmed[state.confirmed_operation ?? "none"]}
        />
        <Fact term={words.mentor.confirmedAt} value={confirmedAt || words.mentor.never} />
        <Fact term={words.mentor.next} value={next ?? words.mentor.noNext} />
        <Fact term={words.mentor.attempts} value={String(state.attempts)} />
        <Fact
          term={words.mentor.reason}
          value={describeEvent(state.triggered_by_event, words)}
        />
      </dl>
      <div class="action">
        <MentorAction listed={listed} />
        <p class="muted">{words.force.preview[state.wanted_operation]}</p>
      </div>
      <ForceSyncResult listed={listed} />
    </div>
  );
}

function Fact({ term, value }: { term: string; value: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Recent({ mentorId }: { mentorId: string }) {
  const app = useApp();
  const words = useWords();
  const { live, organisation } = useWorkplace();
  const attempts = useSignal<readonly Attempt[] | null>(null);

  useSignalEffect(() => {
    // A new row comes with a change of the state, or a moment after it.
    void live.round.value;
    const to = dayOf(app.device.now());
    const filter = { mentorId, outcome: null, from: addDays(to, -RECENT_DAYS), to };
    readAttempts(app.client, organisation.id, filter, null, RECENT_ATTEMPTS)
      .then((rows) => attempts.value = rows)
      // Without contact the rows stay as they are; the banner says so.
      .catch(() => {});
  });

  return (
    <section aria-labelledby="recent">
      <div class="section-head">
        <h2 id="recent">{words.mentor.recent}</h2>
        <a class="more" href={links.log(new URLSearchParams({ mentor: mentorId }))}>
          {words.mentor.wholeLog}
        </a>
      </div>
      {attempts.value?.length === 0 && <p class="muted">{words.mentor.noRecent}</p>}
      <ul class="attempts">
        {attempts.value?.map((attempt) => <AttemptRow key={attempt.id} attempt={attempt} />)}
      </ul>
    </section>
  );
}
