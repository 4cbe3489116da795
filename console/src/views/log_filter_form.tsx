import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { FIRST_DAY, type LogFilter, writeFilter } from "../model/log_filter.ts";
import { dayOf, isDay } from "../model/moment.ts";
import { matches } from "../model/names.ts";
import { OUTCOMES } from "../model/rows.ts";
import { useView, useWords, useWorkplace } from "./context.ts";

interface LogFilterFormProps {
  readonly filter: LogFilter;
  readonly link: (parameters?: URLSearchParams) => string;
  readonly hasMentors?: boolean;
}

/** Narrows the log down; each choice takes effect at once and stands in the address, without a step back. */
export function LogFilterForm({ filter, link, hasMentors = false }: LogFilterFormProps) {
  const { app, words } = useView();
  // On a phone the rows come first: only the search stands above them.
  const isOpen = useSignal(!hasMentors || filter.outcome !== null);

  function choose(change: Partial<LogFilter>) {
    const next = { ...filter, ...change };
    // Days that pass each other move together.
    if (next.from > next.to) {
      if (change.from === undefined) next.from = next.to;
      else next.to = next.from;
    }
    app.replace(link(writeFilter(next)));
  }

  return (
    <form
      class={`card filter ${isOpen.value ? "open" : ""}`}
      aria-label={words.log.filter}
      onSubmit={(event) => {
        event.preventDefault();
        (document.activeElement as HTMLElement | null)?.blur();
      }}
    >
      {hasMentors && (
        <MentorSearch
          key={filter.mentorId}
          mentorId={filter.mentorId}
          choose={(mentorId) => choose({ mentorId })}
        />
      )}
      <button
        type="button"
        class="secondary more-choices"
        aria-expanded={isOpen.value}
        onClick={() => isOpen.value = !isOpen.value}
      >
        {words.log.moreChoices}
      </button>
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
      <DayInput name="from" filter={filter} choose={choose} />
      <DayInput name="to" filter={filter} choose={choose} />
      <a
        class="button secondary"
        href={link()}
        onClick={(event) => {
          event.preventDefault();
          app.replace(link());
        }}
      >
        {words.log.reset}
      </a>
    </form>
  );
}

const MOST_SUGGESTIONS = 20;

interface MentorSearchProps {
  readonly mentorId: string | null;
  readonly choose: (mentorId: string | null) => void;
}

/** Finds one among thousands by a few letters of the name. */
function MentorSearch({ mentorId, choose }: MentorSearchProps) {
  const words = useWords();
  const { live, naming } = useWorkplace();
  const text = useSignal<string | null>(null);
  const shown = text.value ?? (mentorId === null ? "" : naming(mentorId));
  const ids = [...live.mentors.value?.keys() ?? []];
  const found = text.value === null || text.value.trim() === ""
    ? []
    : ids.filter((id) => matches(naming(id), shown.trim()));

  function take(value: string) {
    text.value = value;
    if (value.trim() === "") return mentorId === null ? undefined : choose(null);
    const exact = ids.find((id) => naming(id) === value);
    if (exact !== undefined && exact !== mentorId) choose(exact);
  }

  return (
    <label>
      {words.log.mentor}
      <input
        type="search"
        name="mentor"
        list="mentor-names"
        autocomplete="off"
        placeholder={words.log.everyone}
        value={shown}
        onInput={(event) => take(event.currentTarget.value)}
        onChange={() => {
          // One is left, so it is meant, however little of the name was typed.
          const [only] = found;
          if (found.length === 1 && only !== undefined && only !== mentorId) choose(only);
        }}
      />
      <datalist id="mentor-names">
        {found.slice(0, MOST_SUGGESTIONS).map((id) => <option key={id} value={naming(id)} />)}
      </datalist>
      {text.value !== null && text.value.trim() !== "" && found.length === 0 && (
        <span class="muted" role="status">{words.mentors.none}</span>
      )}
    </label>
  );
}

interface DayInputProps {
  readonly name: "from" | "to";
  readonly filter: LogFilter;
  readonly choose: (change: Partial<LogFilter>) => void;
}

/** So long after the last key: whoever types a date passes through others on the way. */
const SETTLED_MS = 800;

function DayInput({ name, filter, choose }: DayInputProps) {
  const { words, now } = useView();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  function commit({ value, validity }: HTMLInputElement) {
    clearTimeout(timer.current);
    if (isDay(value) && validity.valid && value !== filter[name]) choose({ [name]: value });
  }

  return (
    <label>
      {words.log[name]}
      <input
        type="date"
        name={name}
        value={filter[name]}
        min={FIRST_DAY}
        max={dayOf(now)}
        onChange={(event) => {
          const input = event.currentTarget;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => commit(input), SETTLED_MS);
        }}
        onBlur={(event) => commit(event.currentTarget)}
      />
    </label>
  );
}
