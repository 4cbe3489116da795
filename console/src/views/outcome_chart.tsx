import { useEffect, useRef, useState } from "preact/hooks";
import type { LogFilter } from "../model/log_filter.ts";
import { axisSteps, daysEach, type OutcomeDays } from "../model/outcome_days.ts";
import { type Outcome, OUTCOMES } from "../model/rows.ts";
import { describeDay } from "../words/describe.ts";
import { useView } from "./context.ts";

interface OutcomeChartProps {
  readonly filter: LogFilter;
  /** Null until they are read. */
  readonly days: readonly OutcomeDays[] | null;
}

/** Outcomes per day, drawn and as a table. */
export function OutcomeChart({ filter, days }: OutcomeChartProps) {
  const { words, now } = useView();
  const isByWeek = daysEach(filter.from, filter.to) === 7;
  return (
    <section class="card chart" aria-labelledby="chart">
      <div class="section-head">
        <h2 id="chart">{isByWeek ? words.log.chartWeeks : words.log.chart}</h2>
        <ul class="legend" aria-hidden="true">
          {OUTCOMES.map((outcome) => <li key={outcome} class={outcome}>{words.outcome[outcome]}
          </li>)}
        </ul>
      </div>
      {days === null && <p class="loading muted">{words.app.loading}</p>}
      {days !== null && (
        <>
          <Drawing days={days} label={describeChart(days)} />
          <Table days={days} isByWeek={isByWeek} />
        </>
      )}
    </section>
  );

  function describeChart(days: readonly OutcomeDays[]): string {
    const sum = (outcome: Outcome) => days.reduce((sum, { counts }) => sum + counts[outcome], 0);
    return words.log.chartText(
      describeDay(filter.from, now, words.locale),
      describeDay(filter.to, now, words.locale),
      sum("success"),
      sum("failure"),
      sum("dead_lettered"),
    );
  }
}

const HEIGHT = 200;
const MARGIN = { top: 8, right: 4, bottom: 24, left: 58 };
const LABEL_WIDTH = 64;

function Drawing({ days, label }: { days: readonly OutcomeDays[]; label: string }) {
  const { words: { locale, number }, now } = useView();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const steps = axisSteps(Math.max(...days.map(({ counts }) => totalOf(counts))));
  const top = steps.at(-1) ?? 1;
  const plotHeight = HEIGHT - MARGIN.top - MARGIN.bottom;
  const slot = Math.max(0, width - MARGIN.left - MARGIN.right) / days.length;
  const y = (value: number) => MARGIN.top + plotHeight * (1 - value / top);
  const everyNth = Math.max(1, Math.ceil(LABEL_WIDTH / Math.max(slot, 1)));
  return (
    <div ref={box} class="drawing">
      <svg role="img" aria-label={label} width={width} height={HEIGHT}>
        {steps.map((step) => (
          <g key={step} class="axis">
            <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(step)} y2={y(step)} />
            <text x={MARGIN.left - 6} y={y(step) + 4} text-anchor="end">{number(step)}</text>
          </g>
        ))}
        {days.map(({ first, counts }, index) => (
          <g key={first}>
            <Bar
              counts={counts}
              x={MARGIN.left + slot * index + slot * 0.14}
              width={Math.min(slot * 0.72, 44)}
              y={y}
            />
            {index % everyNth === 0 && (days.length - index) * slot > LABEL_WIDTH * 0.8 && (
              <text class="day" x={MARGIN.left + slot * index + slot * 0.14} y={HEIGHT - 6}>
                {describeDay(first, now, locale)}
              </text>
            )}
          </g>
        ))}
      </svg>
    </div>
  );
}

interface BarProps {
  readonly counts: Record<Outcome, number>;
  readonly x: number;
  readonly width: number;
  readonly y: (value: number) => number;
}

function Bar({ counts, x, width, y }: BarProps) {
  let below = 0;
  return (
    <>
      {OUTCOMES.map((outcome) => {
        const from = below;
        below += counts[outcome];
        return counts[outcome] > 0 && (
          <rect
            key={outcome}
            class={outcome}
            x={x}
            y={y(below)}
            width={width}
            height={y(from) - y(below)}
          />
        );
      })}
    </>
  );
}

function Table({ days, isByWeek }: { days: readonly OutcomeDays[]; isByWeek: boolean }) {
  const { words, now } = useView();
  return (
    <details>
      <summary>{words.log.chartTable}</summary>
      <div class="table" tabIndex={0} role="region" aria-label={words.log.chartTable}>
        <table>
          <thead>
            <tr>
              <th scope="col">{isByWeek ? words.log.week : words.log.day}</th>
              {OUTCOMES.map((outcome) => <th key={outcome} scope="col">{words.outcome[outcome]}
              </th>)}
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map(({ first, counts }) => (
              <tr key={first}>
                <th scope="row">{describeDay(first, now, words.locale)}</th>
                {OUTCOMES.map((outcome) => <td key={outcome}>{words.number(counts[outcome])}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function totalOf(counts: Record<Outcome, number>): number {
  return OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
}

function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(320);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(entry.contentRect.width);
    });
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return width;
}
