import { useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { readAttempts } from "../api/log.ts";
import { LogReader } from "../live/log_reader.ts";
import { type LogFilter, readFilter, writeFilter } from "../model/log_filter.ts";
import { recall, remember } from "../model/view_memory.ts";
import { AttemptRow } from "./attempt_row.tsx";
import { useApp, useView, useWords, useWorkplace } from "./context.ts";
import { CsvButton } from "./csv_button.tsx";
import { LogFilterForm } from "./log_filter_form.tsx";
import { Page } from "./page.tsx";

/** Every attempt, in words that everybody understands. */
export function Log() {
  const { words, links } = useView();
  const filter = useFilterOfAddress();
  const reader = useReader(filter);
  return (
    <Page title={words.log.title} intro={words.log.intro} isReady={reader.rows.value !== null}>
      <LogFilterForm filter={filter} link={links.log} hasMentors />
      <Rows reader={reader} />
      <p>
        <a class="more" href={links.audit(writeFilter({ ...filter, mentorId: null }))}>
          {words.log.forAudit}
        </a>
      </p>
    </Page>
  );
}

/** What the address narrows the log down to. */
export function useFilterOfAddress(): LogFilter {
  const app = useApp();
  return useComputed(() => {
    const route = app.route.value;
    return readFilter(
      "parameters" in route ? route.parameters : new URLSearchParams(),
      app.device.now(),
    );
  }).value;
}

function useReader(filter: LogFilter): LogReader {
  const app = useApp();
  const { live, organisation: { id } } = useWorkplace();
  const { client } = app;
  const left = useRef(recall().rows);
  const reader = useMemo(() => {
    const rows = left.current;
    // Another filter starts anew.
    left.current = 0;
    return new LogReader(
      { readAttempts: (before, limit) => readAttempts(client, id, filter, before, limit) },
      filter,
      rows,
    );
  }, [id, writeFilter(filter).toString()]);
  useSignalEffect(() => {
    if (reader.rows.value !== null) remember({ rows: reader.rows.value.length });
  });
  // Without contact the rows stay as they are, and are tried with the next answer; the banner says so.
  const refresh = () =>
    void reader.refresh(app.device.now(), live.logVersion.peek()).catch(() => {});
  useEffect(refresh, [reader]);
  useSignalEffect(() => {
    if (live.readAt.value !== null) refresh();
  });
  return reader;
}

function Rows({ reader }: { reader: LogReader }) {
  const words = useWords();
  const { naming } = useWorkplace();
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
            name={naming(attempt.mentor_id, attempt.created_at)}
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
