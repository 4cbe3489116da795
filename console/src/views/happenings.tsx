import { links } from "../route.ts";
import type { Night as NightRow } from "../rows.ts";
import { describeTimestamp, nameOf } from "../words/describe.ts";
import type { Words } from "../words/words.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./icons.tsx";

/** What is wrong right now, and what to do. */
export function OpenAlerts() {
  const app = useApp();
  const words = useWords();
  const alerts = useWorkplace().live.warnings.value?.alerts ?? [];
  const now = app.device.now();
  return (
    <section class="card" aria-labelledby="alerts">
      <h2 id="alerts">{words.overview.alerts}</h2>
      {alerts.length === 0 && (
        <p class="good-text">
          <Icon name="check" />
          {words.overview.noAlerts}
        </p>
      )}
      <ul class="plain">
        {alerts.map(({ id, kind, opened_at }) => (
          <li key={id}>
            <strong>{words.alerts[kind]?.title ?? kind}</strong>
            <p>{words.alerts[kind]?.todo}</p>
            <p class="muted">{words.overview.since(describeTimestamp(opened_at, now, words))}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** When the last night ran, and what it found. */
export function Night() {
  const app = useApp();
  const words = useWords();
  const happenings = useWorkplace().live.happenings.value;
  if (happenings === null) return null;
  return (
    <section class="card" aria-labelledby="night">
      <h2 id="night">{words.overview.night}</h2>
      {describeNight(happenings.night, app.device.now(), words).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </section>
  );
}

function describeNight(night: NightRow | null, now: Date, words: Words): string[] {
  const { overview } = words;
  if (night === null) return [overview.nightNever];
  const certificates = overview.nightCertificates(night.expired_count, night.reminder_count);
  if (night.finished_at === null) {
    return [overview.nightRunning(describeTimestamp(night.started_at, now, words)), certificates];
  }
  return [
    overview.nightDone(describeTimestamp(night.finished_at, now, words)),
    overview.nightDrift(night.drift_count ?? 0, night.listing_count ?? 0),
    certificates,
  ];
}

/** What the coordinators were told of late. */
export function Happenings() {
  const app = useApp();
  const words = useWords();
  const { live } = useWorkplace();
  const notifications = live.happenings.value?.notifications ?? [];
  const now = app.device.now();
  return (
    <section class="card" aria-labelledby="happenings">
      <h2 id="happenings">{words.overview.notifications}</h2>
      {notifications.length === 0 && <p class="muted">{words.overview.noNotifications}</p>}
      <ul class="plain">
        {notifications.map(({ id, kind, mentor_id, created_at }) => {
          const name = nameOf(live.mentors.value.get(mentor_id), mentor_id, words);
          return (
            <li key={id}>
              <a href={links.mentor(mentor_id)}>{words.notifications[kind]?.(name) ?? name}</a>
              <span class="muted">{describeTimestamp(created_at, now, words)}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
