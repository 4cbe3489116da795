import { useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { readAttempts, readDays, readSummary } from "../api/log.ts";
import { LogReader } from "../live/log_reader.ts";
import { type LogFilter, readFilter, writeFilter } from "../log_filter.ts";
import { type Outcome, OUTCOMES } from "../rows.ts";
import { nameOf } from "../words/describe.ts";
import { AttemptRow } from "./attempt_row.tsx";
import { OutcomeBadge } from "./badges.tsx";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { CsvButton } from "./csv_button.tsx";
import { LogFilterForm } from "./log_filter_form.tsx";
import { OutcomeChart } from "./outcome_chart.tsx";
import { Page } from "./page.tsx";
import { Seals } from "./seals.tsx";

/** Every attempt, as an auditor would read it, in words that others understand too. */
export function Log() {
  const app = useApp();
  const words = useWords();
  const filter = useComputed(() => {
    const route = app.route.value;
    return readFilter(
      route.view === "log" ? route.parameters : new URLSearchParams(),
      app.device.now(),
    );
  }).value;
  const reader = useReader(filter);
  return (
    <Page title={words.log.title} intro={words.log.intro}>
      <LogFilterForm filter={filter} />
      <Summary counts={reader.counts.value?.summary ?? null} />
      <OutcomeChart reader={reader} />
      <Seals filter={filter} />
      <Rows reader={reader} />
    </Page>
  );
}

function useReader(filter: LogFilter): LogReader {
  const app = useApp();
  const { live, organisation: { id } } = useWorkplace();
  const { client } = app;
  const reader = useMemo(() =>
    new LogReader({
      readAttempts: (before, limit) => readAttempts(client, id, filter, before, limit),
      readCounts: async () => {
        const [summary, days] = await Promise.all([
          readSummary(client, id, filter.from, filter.to),
          readDays(client, id, filter),
        ]);
        return { summary, days };
      },
    }, filter), [id, writeFilter(filter).toString()]);
  // Without contact the rows stay as they are; the banner says so.
  const refresh = () => void reader.refresh(app.device.now()).catch(() => {});
  useEffect(refresh, [reader]);
  useSignalEffect(() => {
    if (live.round.value > 0) refresh();
  });
  return reader;
}

function Summary({ counts }: { counts: Record<Outcome, number> | null }) {
  const words = useWords();
  return (
    <section aria-labelledby="summary">
      <h2 id="summary">{words.log.summary}</h2>
      <ul class="sums">
        {OUTCOMES.map((outcome) => (
          <li key={outcome} class="card">
            <span class="sum">
              {counts === null ? "…" : counts[outcome].toLocaleString(words.locale)}
            </span>
            <OutcomeBadge outcome={outcome} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Rows({ reader }: { reader: LogReader }) {
  const words = useWords();
  const { live } = useWorkplace();
  const rows = reader.rows.value;
  return (
    <section aria-labelledby="rows">
      <div class="section-head">
        <h2 id="rows">{words.log.rows}</h2>
        <CsvButton filter={reader.filter} />
      </div>
      <p class="muted" role="status">
        {rows === null
          ? words.app.loading
          : rows.length === 0
          ? words.log.none
          : words.log.loaded(rows.length)}
      </p>
      <ul class="attempts">
        {rows?.map((attempt) => (
          <AttemptRow
            key={attempt.id}
            attempt={attempt}
            name={nameOf(live.mentors.value.get(attempt.mentor_id), attempt.mentor_id, words)}
          />
        ))}
      </ul>
      {reader.hasMore.value && (
        <button
          type="button"
          class="secondary"
          aria-disabled={reader.isReading.value}
          onClick={() => void reader.readMore().catch(() => {})}
        >
          {words.log.more}
        </button>
      )}
    </section>
  );
}
