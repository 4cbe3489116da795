import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { readDays, readSummary } from "../api/log.ts";
import { writeFilter } from "../model/log_filter.ts";
import type { OutcomeDays } from "../model/outcome_days.ts";
import { type Outcome, OUTCOMES } from "../model/rows.ts";
import { OutcomeBadge } from "./badges.tsx";
import { useView, useWorkplace } from "./context.ts";
import { LogFilterForm } from "./log_filter_form.tsx";
import { useFilterOfAddress } from "./log.tsx";
import { OutcomeChart } from "./outcome_chart.tsx";
import { Page } from "./page.tsx";
import { Seals } from "./seals.tsx";

/** How many attempts there were, as the database counts them. */
interface Counts {
  readonly summary: Record<Outcome, number>;
  readonly days: readonly OutcomeDays[];
}

/** What an auditor asks of the log: how much of what, and whether it is as it was written. */
export function Audit() {
  const { app, words, links } = useView();
  const { live, organisation: { id } } = useWorkplace();
  const filter = useFilterOfAddress();
  const counts = useSignal<Counts | null>(null);
  const key = `${id} ${writeFilter(filter)}`;

  function read() {
    Promise.all([
      readSummary(app.client, id, filter.from, filter.to),
      readDays(app.client, id, filter),
    ]).then(([summary, days]) => counts.value = { summary, days }, () => {});
  }
  useEffect(() => {
    counts.value = null;
    read();
  }, [key]);
  useSignalEffect(() => {
    if (live.logVersion.value > 0) read();
  });

  return (
    <Page
      title={words.log.forAudit}
      intro={words.log.auditIntro}
      isReady={counts.value !== null}
    >
      <LogFilterForm filter={filter} link={links.audit} />
      <section aria-labelledby="summary">
        <h2 id="summary">{words.log.summary}</h2>
        <ul class="sums">
          {OUTCOMES.map((outcome) => (
            <li key={outcome} class="card">
              <span class="sum">
                {counts.value === null ? "…" : words.number(counts.value.summary[outcome])}
              </span>
              <OutcomeBadge outcome={outcome} />
            </li>
          ))}
        </ul>
      </section>
      <OutcomeChart filter={filter} days={counts.value?.days ?? null} />
      <Seals filter={filter} />
      <p>
        <a class="more" href={links.log(writeFilter(filter))}>{words.log.backToLog}</a>
      </p>
    </Page>
  );
}
