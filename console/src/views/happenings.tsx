import { parseTimestamp } from "../model/moment.ts";
import type { News } from "../api/news.ts";
import { describeTimestamp } from "../words/describe.ts";
import { describeNext } from "../words/describe_state.ts";
import type { Words } from "../words/words.ts";
import { useView, useWords, useWorkplace } from "./context.ts";
import { Message } from "./message.tsx";
import { Support } from "./support.tsx";

const MOST_CONFIRMATIONS = 5;

/** What goes wrong behind the page, as far as it concerns a coordinator: one calm sentence. */
export function ServiceMessages() {
  const words = useWords();
  const { live, hold } = useWorkplace();
  const said = new Set(
    live.alerts.value?.flatMap(({ kind }) => words.alerts[kind] ?? []),
  );
  // Why nothing is sent is told already.
  const first = hold === null ? [...said][0] : undefined;
  return (
    <div role="status" class="stack">
      {first !== undefined && (
        <Message tone="wait">
          <p>{first}</p>
          <Support />
        </Message>
      )}
    </div>
  );
}

/** Did it work? The newest answers, and whether the public page has followed. */
export function Confirmations() {
  const { words, links, now, lagMinutes } = useView();
  const { live, naming } = useWorkplace();
  const newest = live.listed.value
    .flatMap((listed) => {
      const at = parseTimestamp(listed.state.confirmed_at);
      return at === null ? [] : [{ ...listed, at }];
    })
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, MOST_CONFIRMATIONS);
  return (
    <section class="card" aria-labelledby="confirmations">
      <h2 id="confirmations">{words.overview.confirmations}</h2>
      {newest.length === 0 && <p class="muted">{words.overview.noConfirmations}</p>}
      <ul class="plain">
        {newest.map(({ id, state, standing }) => (
          <li key={id}>
            <a href={links.mentor(id)}>
              <bdi>{naming(id)}</bdi>
            </a>{" "}
            <span>
              {words.confirmed[state.confirmed_operation ?? "none"]}{" "}
              {describeTimestamp(state.confirmed_at, now, words)}
            </span>
            {standing === "in_sync" && (
              <p class="muted">
                {describeNext(state, standing, { now, words, hold: null, lagMinutes }) ??
                  words.overview.followed[state.wanted_operation]}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** When the last night ran. */
export function Night() {
  const { words, now } = useView();
  const { live } = useWorkplace();
  return (
    <section class="card" aria-labelledby="night">
      <h2 id="night">{words.overview.night}</h2>
      <p>{describeNights(live.nights.value, now, words)}</p>
    </section>
  );
}

function describeNights(nights: News["nights"], now: Date, words: Words): string {
  const { overview } = words;
  if (nights === null) return words.app.notNow;
  const [night] = nights;
  if (night === undefined) return overview.nightNever;
  return night.finished_at === null
    ? overview.nightRunning(describeTimestamp(night.started_at, now, words))
    : overview.nightDone(describeTimestamp(night.finished_at, now, words));
}

/** What the coordinators were told of late. */
export function Happenings() {
  const { words, links, now } = useView();
  const { live: { notifications: { value: notifications } }, naming } = useWorkplace();
  return (
    <section class="card" aria-labelledby="happenings">
      <h2 id="happenings">{words.overview.notifications}</h2>
      {notifications === null && <p class="muted">{words.app.notNow}</p>}
      {notifications?.length === 0 && <p class="muted">{words.overview.noNotifications}</p>}
      <ul class="plain">
        {notifications?.map(({ id, kind, mentor_id, created_at }) => {
          const name = naming(mentor_id, created_at);
          return (
            <li key={id}>
              <a href={links.mentor(mentor_id)}>
                <bdi>{words.notifications[kind]?.(name) ?? name}</bdi>
              </a>{" "}
              <span class="muted">{describeTimestamp(created_at, now, words)}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
