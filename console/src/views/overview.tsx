import { type Outlook, progressOf } from "../model/outlook.ts";
import { isStillShown, type ListedMentor, STANDINGS } from "../model/standing.ts";
import { type Cause, causesOf } from "../model/causes.ts";
import { explainError } from "../words/describe.ts";
import { describeHold, describeOutlook } from "../words/describe_state.ts";
import { ProgressBadge } from "./badges.tsx";
import { useView, useWords, useWorkplace } from "./context.ts";
import { CopyButton } from "./copy_button.tsx";
import { Confirmations, Happenings, Night, ServiceMessages } from "./happenings.tsx";
import { useKeptFocus } from "./kept_focus.ts";
import { Meaning } from "./meaning.tsx";
import { MentorRow } from "./mentor_row.tsx";
import { Message } from "./message.tsx";
import { Page } from "./page.tsx";
import { Support } from "./support.tsx";

const ROWS_OF_EACH = 5;

/** Is the website right? */
export function Overview() {
  const { app, words, links } = useView();
  const { live, forceSyncs } = useWorkplace();
  const outlook = app.outlook.value;
  useKeptFocus();
  if (outlook === null) {
    return (
      <Page title={words.overview.title} isReady={false}>
        <p class="loading muted" role="status">{words.app.loading}</p>
      </Page>
    );
  }
  const mentors = live.listed.value;
  const stillShown = mentors.filter(({ state }) => isStillShown(state));
  const stuck = mentors.filter(({ standing }) => standing === "stuck");
  // Whoever was sent from here stays until the result is read.
  const waiting = mentors.filter(({ id, standing, state }) =>
    (standing === "waiting" && !isStillShown(state)) ||
    (standing === "in_sync" && forceSyncs.all.value.has(id))
  );
  return (
    <Page title={words.overview.title}>
      <Verdict outlook={outlook} />
      <Hold />
      <ServiceMessages />
      <Tiles outlook={outlook} />
      <Some
        id="still-shown"
        title={words.mentors.stillShown}
        mentors={stillShown}
        more={links.mentors(null, "may_show")}
      />
      {stuck.length > 0 && <Causes stuck={stuck} />}
      <Some
        id="on-the-way"
        title={words.progress[progressOf("waiting", outlook.hold)]}
        mentors={waiting}
        more={links.mentors("waiting")}
      />
      <div class="columns">
        <Confirmations />
        <Happenings />
        <Night />
        <Meaning />
      </div>
    </Page>
  );
}

const TONES = { nobody: "", yes: "good", soon: "wait", no: "bad" };

function Verdict({ outlook }: { outlook: Outlook }) {
  const { words, now } = useView();
  const tone = outlook.stillShown.held > 0 ? "bad" : TONES[outlook.answer];
  // What matters most is read at a glance; the rest stands below it.
  const [answer, most = "", ...rest] = describeOutlook(outlook, now, words);
  return (
    <div class={`verdict ${tone}`} role="status">
      <p>{`${answer} ${most}`.trim()}</p>
      {rest.length > 0 && <p class="verdict-more">{rest.join(" ")}</p>}
    </div>
  );
}

/** Why nothing is sent, when nothing is. */
function Hold() {
  const { words, now } = useView();
  const { hold, organisation } = useWorkplace();
  const isPassing = hold?.kind === "throttled" || hold?.kind === "unknown";
  return (
    <div role="status" class="stack">
      {hold !== null && (
        <Message tone={isPassing ? "wait" : "bad"}>
          <p>{describeHold(hold, organisation.name, now, words)}</p>
          {!isPassing && <Support />}
        </Message>
      )}
    </div>
  );
}

function Tiles({ outlook }: { outlook: Outlook }) {
  const { words, links } = useView();
  return (
    <ul class="tiles">
      {STANDINGS.toReversed().map((standing) => {
        const progress = progressOf(standing, outlook.hold);
        const count = outlook.counts[progress];
        return (
          <li key={standing}>
            <a
              class={`tile ${progress} ${count === 0 ? "empty" : ""}`}
              href={links.mentors(standing)}
            >
              <span class="tile-number">{words.number(count)}</span>
              <ProgressBadge progress={progress} />
              <span class="tile-text muted">{words.overview.tiles[progress]}</span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}

interface SomeProps extends RowsProps {
  readonly id: string;
  readonly title: string;
}

function Some({ id, title, ...rows }: SomeProps) {
  if (rows.mentors.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <Rows {...rows} />
    </section>
  );
}

interface RowsProps {
  readonly mentors: readonly ListedMentor[];
  readonly more: string;
  readonly hidesTodo?: boolean;
}

function Rows({ mentors, more, hidesTodo = false }: RowsProps) {
  const { overview } = useWords();
  return (
    <>
      <ul class="mentors">
        {mentors.slice(0, ROWS_OF_EACH).map((listed) => (
          <MentorRow key={listed.id} listed={listed} hidesTodo={hidesTodo} />
        ))}
      </ul>
      {mentors.length > ROWS_OF_EACH && (
        <p>
          <a class="more" href={more}>{overview.more(mentors.length)}</a>
        </p>
      )}
    </>
  );
}

/** Those whom somebody has to see to, by what stopped them: what helps one helps all of them. */
function Causes({ stuck }: { stuck: readonly ListedMentor[] }) {
  const words = useWords();
  return (
    <section aria-labelledby="needs-you">
      <h2 id="needs-you">{words.progress.needs_you}</h2>
      {causesOf(stuck).map((cause) => <CauseCard key={cause.key} mentors={cause.mentors} />)}
    </section>
  );
}

function CauseCard({ mentors }: Pick<Cause, "mentors">) {
  const { app, words, links } = useView();
  const { hold, naming } = useWorkplace();
  const explained = explainError(mentors[0]?.state.last_error ?? null, words);
  // Those who may still be shown stand above already.
  const others = mentors.filter(({ state }) => !isStillShown(state));
  return (
    <div class="card cause">
      <h3>{words.overview.cause(explained.title, mentors.length)}</h3>
      <p>
        <strong>{words.log.details.todo}:</strong>{" "}
        {hold === null ? explained.onceStuck : words.mentors.todoStuckAndHeld}
      </p>
      {!explained.isForHlf && <Support />}
      {(mentors.length > 1 || explained.isForHlf) && (
        <div class="action">
          {explained.isForHlf && (
            <CopyButton
              label={words.overview.copyList}
              text={() => mentors.map(({ id }) => `${naming(id)}\t${id}`).join("\n")}
              copied={words.overview.copied(mentors.length)}
            />
          )}
          {mentors.length > 1 && (
            <button
              type="button"
              class="primary"
              onClick={() => app.previewRequeue(mentors.map(({ id }) => id))}
            >
              {words.requeue.all(mentors.length)}
            </button>
          )}
        </div>
      )}
      {others.length > 0 && <Rows mentors={others} more={links.mentors("stuck")} hidesTodo />}
    </div>
  );
}
