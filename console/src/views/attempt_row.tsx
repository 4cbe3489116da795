import { parseError } from "../model/explain.ts";
import type { Attempt } from "../model/rows.ts";
import {
  describeEvent,
  describeExactly,
  describeTimestamp,
  explainAttempt,
} from "../words/describe.ts";
import { OutcomeBadge } from "./badges.tsx";
import { useView } from "./context.ts";
import { CopyButton } from "./copy_button.tsx";
import { type Fact, Facts } from "./facts.tsx";
import { Icon } from "./icons.tsx";
import { Support } from "./support.tsx";

interface AttemptRowProps {
  readonly attempt: Attempt;
  /** Left out where all rows are of one mentor. */
  readonly name?: string;
}

/** A row of the log; opened, it tells everything that the log holds, in plain words. */
export function AttemptRow({ attempt, name }: AttemptRowProps) {
  const { words, links, now } = useView();
  const { details } = words.log;
  const { title, meaning, todo, isForSupport } = explainAttempt(attempt, words);
  const error = parseError(attempt.error_message);
  const isDeadLetter = attempt.outcome === "dead_lettered";
  const facts: Fact[] = [
    [details.time, describeExactly(attempt.created_at, words)],
    [details.reason, describeEvent(attempt.triggered_by_event, words)],
    [
      isDeadLetter ? details.total : details.retries,
      words.number(attempt.retry_count),
    ],
    [details.class, error?.class ?? null],
    [details.code, attempt.dynamics_response_code?.toString() ?? details.noCode],
    [details.error, error?.code ?? null],
    [details.request, error?.requestId ?? null],
    [details.attempt, attempt.id],
  ];
  return (
    <li>
      <details class="attempt">
        <summary>
          <Icon name="chevron" />
          <time class="attempt-time muted" dateTime={attempt.created_at}>
            {describeTimestamp(attempt.created_at, now, words)}
          </time>
          {name !== undefined && (
            <span class="attempt-name">
              <bdi>{name}</bdi>
            </span>
          )}
          <span class="attempt-operation">{words.operation[attempt.operation]}</span>
          <OutcomeBadge outcome={attempt.outcome} />
          {attempt.outcome !== "success" && <span class="attempt-error muted">{title}</span>}
        </summary>
        <div class="attempt-details">
          <p>
            <strong>{details.meaning}:</strong> {meaning}
          </p>
          {todo !== null && (
            <p>
              <strong>{details.todo}:</strong> {todo}
            </p>
          )}
          {isForSupport && <Support reference={attempt.id} />}
          <Facts facts={facts} />
          <div class="action">
            {name !== undefined && (
              <a class="more" href={links.mentor(attempt.mentor_id)}>{details.mentor}</a>
            )}
            <CopyButton label={details.copy} text={() => attempt.id} copied={details.copied} />
          </div>
        </div>
      </details>
    </li>
  );
}
