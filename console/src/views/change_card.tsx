import type { Change } from "../model/changes.ts";
import { parseTimestamp } from "../model/moment.ts";
import { describeEvent, describeMoment, describeTimestamp } from "../words/describe.ts";
import { AttemptRow } from "./attempt_row.tsx";
import { OutcomeBadge } from "./badges.tsx";
import { useView } from "./context.ts";

interface ChangeCardProps {
  readonly change: Change;
  /** Nothing newer was asked for, so the public page still follows this one. */
  readonly isLatest: boolean;
}

/** One change from why it was asked for to when everybody sees it. */
export function ChangeCard({ change, isLatest }: ChangeCardProps) {
  const { words, now, lagMinutes } = useView();
  const { timeline } = words;
  const newest = change.attempts[0];
  const first = change.attempts.at(-1);
  if (newest === undefined || first === undefined) return null;
  const isConfirmed = newest.outcome === "success";
  const confirmedAt = isConfirmed ? parseTimestamp(newest.created_at) : null;
  const steps: [string, string][] = [
    [timeline.asked, describeEvent(first.triggered_by_event, words)],
    [timeline.sent, describeTimestamp(first.created_at, now, words)],
    [
      isConfirmed ? timeline.confirmed : timeline.last,
      describeTimestamp(newest.created_at, now, words),
    ],
  ];
  if (confirmedAt !== null && isLatest) {
    const visibleBy = new Date(confirmedAt.getTime() + lagMinutes * 60_000);
    steps.push([timeline.visible[newest.operation], describeMoment(visibleBy, now, words)]);
  }
  return (
    <li class="card">
      <div class="section-head">
        <h3>{words.operation[change.operation]}</h3>
        <OutcomeBadge outcome={newest.outcome} />
      </div>
      <ol class="timeline">
        {steps.map(([term, value]) => (
          <li key={term}>
            <span class="muted">{term}</span> {value}
          </li>
        ))}
      </ol>
      <ul class="attempts">
        {change.attempts.map((attempt) => <AttemptRow key={attempt.id} attempt={attempt} />)}
      </ul>
    </li>
  );
}
