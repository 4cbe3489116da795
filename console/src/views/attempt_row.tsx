import { parseError } from "../explain.ts";
import type { Attempt } from "../rows.ts";
import { describeEvent, describeTimestamp, explainAttempt } from "../words/describe.ts";
import { OutcomeBadge } from "./badges.tsx";
import { useApp, useWords } from "./context.ts";
import { Icon } from "./icons.tsx";

interface AttemptRowProps {
  readonly attempt: Attempt;
  /** Left out where all rows are of one mentor. */
  readonly name?: string;
}

/** A row of the log; opened, it tells everything that the log holds, in plain words. */
export function AttemptRow({ attempt, name }: AttemptRowProps) {
  const app = useApp();
  const words = useWords();
  const { details } = words.log;
  const { title, meaning, todo } = explainAttempt(attempt, words);
  const error = parseError(attempt.error_message);
  const isDeadLetter = attempt.outcome === "dead_lettered";
  const facts: [string, string | null][] = [
    [details.reason, describeEvent(attempt.triggered_by_event, words)],
    [isDeadLetter ? details.total : details.retries, String(attempt.retry_count)],
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
          <span class="attempt-time">
            {describeTimestamp(attempt.created_at, app.device.now(), words)}
          </span>
          {name !== undefined && <span class="attempt-name">{name}</span>}
          <span class="attempt-operation">{words.operation[attempt.operation]}</span>
          <OutcomeBadge outcome={attempt.outcome} />
          {attempt.outcome !== "success" && <span class="attempt-error">{title}</span>}
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
          <dl class="facts">
            {facts.map(([term, value]) =>
              value !== null && (
                <div key={term}>
                  <dt>{term}</dt>
                  <dd>{value}</dd>
                </div>
              )
            )}
          </dl>
        </div>
      </details>
    </li>
  );
}
