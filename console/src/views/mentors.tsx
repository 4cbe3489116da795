import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { App } from "../live/app.ts";
import { matches } from "../model/names.ts";
import { type Kind, KINDS } from "../model/route.ts";
import { countStandings, isStillShown, type ListedMentor, STANDINGS } from "../model/standing.ts";
import { recall, remember } from "../model/view_memory.ts";
import { useView, useWorkplace } from "./context.ts";
import { useKeptFocus } from "./kept_focus.ts";
import { MentorRow } from "./mentor_row.tsx";
import { Page } from "./page.tsx";

const ROWS_AT_ONCE = 50;

/** Every mentor, to be searched and narrowed down; those that are stuck can be sent again together. */
export function Mentors() {
  const { app, words } = useView();
  const { live, naming } = useWorkplace();
  const search = useSignal(recall().search);
  const rows = useSignal(Math.max(ROWS_AT_ONCE, recall().rows));
  const selected = useSignal<ReadonlySet<string>>(new Set());
  useKeptFocus();
  useEffect(() => {
    remember({ search: search.value, rows: rows.value });
  }, [search.value, rows.value]);

  const shown = useComputed(() => {
    const { standing, kind } = choiceIn(app);
    return live.listed.value.filter((listed) =>
      (standing === null || listed.standing === standing) &&
      (kind === null || isOfKind(listed, kind)) &&
      (search.value.trim() === "" ||
        matches(live.names.value.text(listed.id, app.words.value), search.value.trim()))
    );
  }).value;
  const stuck = shown.filter((listed) => listed.standing === "stuck");
  const chosen = stuck.filter(({ id }) => selected.value.has(id));
  const isSome = chosen.length > 0 && chosen.length < stuck.length;

  function select(ids: readonly string[], isSelected: boolean) {
    const next = new Set(selected.value);
    for (const id of ids) isSelected ? next.add(id) : next.delete(id);
    selected.value = next;
  }

  return (
    <Page title={words.mentors.title} isReady={live.states.value !== null}>
      <div class="filters">
        <label class="search">
          {words.mentors.search}
          <input
            type="search"
            value={search.value}
            onInput={(event) => search.value = event.currentTarget.value}
          />
        </label>
        <KindChoice />
        <StandingChoice />
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
          <button
            type="button"
            class="primary"
            onClick={() => app.previewRequeue((isSome ? chosen : stuck).map(({ id }) => id))}
          >
            {isSome ? words.requeue.selected(chosen.length) : words.requeue.all(stuck.length)}
          </button>
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
                aria-label={words.mentors.select(naming(listed.id))}
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
    </Page>
  );
}

function isOfKind({ state, known }: ListedMentor, kind: Kind): boolean {
  switch (kind) {
    case "may_show":
      return isStillShown(state);
    case "shown":
      return state.confirmed_operation === "restore";
    case "hidden":
      return state.confirmed_operation === "remove";
    case "paused":
    case "expired_cert":
      return typeof known !== "string" && known.status === kind;
  }
}

/** What the address narrows the list down to. */
function choiceIn({ route: { value: route } }: App) {
  return route.view === "mentors" ? route : { standing: null, kind: null };
}

function KindChoice() {
  const { app, words: { mentors: words }, links } = useView();
  const { standing, kind } = choiceIn(app);
  return (
    <label>
      {words.kind}
      <select
        value={kind ?? ""}
        onChange={(event) => {
          const { value } = event.currentTarget;
          app.replace(links.mentors(standing, KINDS.find((known) => known === value) ?? null));
        }}
      >
        <option value="">{words.anyKind}</option>
        {KINDS.map((known) => <option key={known} value={known}>{words.kinds[known]}</option>)}
      </select>
    </label>
  );
}

function StandingChoice() {
  const { app, words, links } = useView();
  const all = useWorkplace().live.listed.value;
  const { standing: chosen, kind } = choiceIn(app);
  const counts = countStandings(all);
  return (
    <nav class="choice" aria-label={words.mentors.show}>
      {[null, ...STANDINGS].map((standing) => (
        <a
          key={standing}
          href={links.mentors(standing, kind)}
          onClick={(event) => {
            // A filter is no step of its own in the browser's history.
            event.preventDefault();
            app.replace(links.mentors(standing, kind));
          }}
          {...(standing === chosen && { "aria-current": "true" as const })}
        >
          {standing === null ? words.mentors.all : words.standing[standing]}{" "}
          <span class="count">
            {words.number(standing === null ? all.length : counts[standing])}
          </span>
        </a>
      ))}
    </nav>
  );
}
