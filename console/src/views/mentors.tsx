import { useSignal } from "@preact/signals";
import { links } from "../route.ts";
import { countStandings, type ListedMentor, type Standing, STANDINGS } from "../standing.ts";
import { nameOf } from "../words/describe.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { useKeptFocus } from "./kept_focus.ts";
import { Meaning } from "./meaning.tsx";
import { MentorRow } from "./mentor_row.tsx";
import { Page } from "./page.tsx";
import { RequeueAll } from "./requeue_all.tsx";

const ROWS_AT_ONCE = 50;

/** Every mentor, to be searched and narrowed down; those that are stuck can be sent again together. */
export function Mentors() {
  const app = useApp();
  const words = useWords();
  const { live } = useWorkplace();
  const search = useSignal("");
  const rows = useSignal(ROWS_AT_ONCE);
  const selected = useSignal<ReadonlySet<string>>(new Set());
  useKeptFocus();

  const route = app.route.value;
  const standing = route.view === "mentors" ? route.standing : null;
  const all = live.listed.value;
  const needle = search.value.trim().toLocaleLowerCase("nb");
  const shown = all.filter((listed) =>
    (standing === null || listed.standing === standing) &&
    nameOf(listed.mentor, listed.id, words).toLocaleLowerCase("nb").includes(needle)
  );
  const stuck = shown.filter((listed) => listed.standing === "stuck");
  const chosen = stuck.filter(({ id }) => selected.value.has(id));

  function select(ids: readonly string[], isSelected: boolean) {
    const next = new Set(selected.value);
    for (const id of ids) isSelected ? next.add(id) : next.delete(id);
    selected.value = next;
  }

  return (
    <Page title={words.mentors.title}>
      <div class="filters">
        <label class="search">
          {words.mentors.search}
          <input
            type="search"
            value={search.value}
            onInput={(event) => search.value = event.currentTarget.value}
          />
        </label>
        <StandingChoice all={all} chosen={standing} />
      </div>
      {stuck.length > 1 && (
        <div class="selection">
          <label class="check">
            <input
              type="checkbox"
              checked={chosen.length === stuck.length}
              onChange={(event) => select(stuck.map(({ id }) => id), event.currentTarget.checked)}
            />
            {words.mentors.selectAll}
          </label>
          {chosen.length > 0 && chosen.length < stuck.length && (
            <button
              type="button"
              class="secondary"
              onClick={() => app.previewRequeue(chosen.map(({ id }) => id))}
            >
              {words.requeue.selected(chosen.length)}
            </button>
          )}
          <RequeueAll stuck={stuck} />
        </div>
      )}
      <p class="muted" role="status">
        {live.states.value === null
          ? words.app.loading
          : shown.length === 0
          ? words.mentors.none
          : words.mentors.shown(shown.length)}
      </p>
      <ul class="mentors">
        {shown.slice(0, rows.value).map((listed) => (
          <MentorRow key={listed.id} listed={listed}>
            {listed.standing === "stuck" && stuck.length > 1 && (
              <input
                type="checkbox"
                class="mentor-check"
                aria-label={words.mentors.select(nameOf(listed.mentor, listed.id, words))}
                checked={selected.value.has(listed.id)}
                onChange={(event) => select([listed.id], event.currentTarget.checked)}
              />
            )}
          </MentorRow>
        ))}
      </ul>
      {shown.length > rows.value && (
        <button
          type="button"
          class="secondary"
          onClick={() => rows.value += ROWS_AT_ONCE}
        >
          {words.mentors.showMore}
        </button>
      )}
      <Meaning />
    </Page>
  );
}

interface StandingChoiceProps {
  readonly all: readonly ListedMentor[];
  readonly chosen: Standing | null;
}

function StandingChoice({ all, chosen }: StandingChoiceProps) {
  const words = useWords();
  const counts = countStandings(all);
  const choices = [
    { standing: null, label: words.mentors.all, count: all.length },
    ...STANDINGS.map((standing) => ({
      standing,
      label: words.standing[standing],
      count: counts[standing],
    })),
  ];
  return (
    <nav class="choice" aria-label={words.mentors.show}>
      {choices.map(({ standing, label, count }) => (
        <a
          key={label}
          href={links.mentors(standing)}
          {...(standing === chosen && { "aria-current": "true" as const })}
        >
          {label} <span class="count">{count}</span>
        </a>
      ))}
    </nav>
  );
}
