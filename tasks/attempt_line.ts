/** A row of the audit log, as `start` follows it. */
export interface AttemptRow {
  readonly id: string;
  readonly mentor_id: string;
  readonly operation: string;
  readonly dynamics_response_code: number | null;
  readonly retry_count: number;
  readonly outcome: string;
  readonly error_message: string | null;
  readonly triggered_by_event: string;
  readonly created_at: string;
}

/** One line of `start` for an attempt. */
export function attemptLine(row: AttemptRow): string {
  const time = row.created_at.slice(11, 19);
  const mentor = row.mentor_id.slice(-4);
  const answer = row.dynamics_response_code ?? "---";
  const reason = row.error_message === null ? "" : `  ${row.error_message}`;
  return `${time}  ${row.operation.padEnd(7)}  …${mentor}  ${answer}  ${row.outcome.padEnd(13)}  ` +
    `retry ${row.retry_count}  ${row.triggered_by_event}${reason}`;
}
