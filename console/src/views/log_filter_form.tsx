import { FIRST_DAY, type LogFilter, writeFilter } from "../log_filter.ts";
import { type Day, dayOf, isDay } from "../moment.ts";
import { links } from "../route.ts";
import { OUTCOMES } from "../rows.ts";
import { nameOf } from "../words/describe.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";

/** Narrows the log down; each choice takes effect at once and stands in the address. */
export function LogFilterForm({ filter }: { filter: LogFilter }) {
  const words = useWords();
  const { live } = useWorkplace();
  const mentors = [...live.mentors.value.values()]
    .sort((a, b) => a.full_name.localeCompare(b.full_name, "nb"));
  const isKnown = filter.mentorId === null || live.mentors.value.has(filter.mentorId);

  function choose(change: Partial<LogFilter>) {
    const next = { ...filter, ...change };
    // Days that pass each other move together.
    if (next.from > next.to) {
      if (change.from === undefined) next.from = next.to;
      else next.to = next.from;
    }
    location.hash = links.log(writeFilter(next));
  }

  return (
    <form
      class="card filter"
      aria-label={words.log.filter}
      onSubmit={(e) => e.preventDefault()}
    >
      <label>
        {words.log.mentor}
        <select
          name="mentor"
          value={filter.mentorId ?? ""}
          onChange={(event) => choose({ mentorId: event.currentTarget.value || null })}
        >
          <option value="">{words.log.everyone}</option>
          {!isKnown && (
            <option value={filter.mentorId ?? ""}>
              {nameOf(null, filter.mentorId ?? "", words)}
            </option>
          )}
          {mentors.map(({ id, full_name }) => <option key={id} value={id}>{full_name}</option>)}
        </select>
      </label>
      <label>
        {words.log.outcome}
        <select
          name="outcome"
          value={filter.outcome ?? ""}
          onChange={(event) => {
            const { value } = event.currentTarget;
            choose({ outcome: OUTCOMES.find((outcome) => outcome === value) ?? null });
          }}
        >
          <option value="">{words.log.anyOutcome}</option>
          {OUTCOMES.map((outcome) => (
            <option key={outcome} value={outcome}>{words.outcome[outcome]}</option>
          ))}
        </select>
      </label>
      <DayInput
        label={words.log.from}
        name="from"
        day={filter.from}
        choose={(from) => choose({ from })}
      />
      <DayInput label={words.log.to} name="to" day={filter.to} choose={(to) => choose({ to })} />
      <a class="button secondary" href={links.log()}>{words.log.reset}</a>
    </form>
  );
}

interface DayInputProps {
  readonly label: string;
  readonly name: string;
  readonly day: Day;
  readonly choose: (day: Day) => void;
}

function DayInput({ label, name, day, choose }: DayInputProps) {
  const app = useApp();
  return (
    <label>
      {label}
      <input
        type="date"
        name={name}
        value={day}
        min={FIRST_DAY}
        max={dayOf(app.device.now())}
        onChange={(event) => {
          const { value, validity } = event.currentTarget;
          if (isDay(value) && validity.valid) choose(value);
        }}
      />
    </label>
  );
}
