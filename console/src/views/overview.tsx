import { useSignal } from "@preact/signals";
import { type Progress, PROGRESSES, progressOf } from "../model/outlook.ts";
import { isStillShown, type ListedMentor, type Standing } from "../model/standing.ts";
import { type Cause, causesOf } from "../model/causes.ts";
import { describeHold, describeOutlook } from "../words/describe_state.ts";
import { ProgressBadge } from "./badges.tsx";
import { useApp, useHold, useLinks, useNaming, useWords, useWorkplace } from "./context.ts";
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
  const app = useApp();
  const words = useWords();
  const links = useLinks();
  const { live, forceSyncs } = useWorkplace();
  useKeptFocus();
  if (app.outlook.value === null) {
    return (
      <Page title={words.overview.title} isReady={false}>
        <p class="loading" role="status">{words.app.loading}</p>
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
      <Verdict />
      <Hold />
      <ServiceMessages />
      <Tiles />
      <Some
        id="still-shown"
        title={words.overview.stillShownTitle}
        mentors={stillShown}
        more={links.mentors(null, "may_show")}
      />
      {stuck.length > 0 && <Causes stuck={stuck} />}
      <Some
        id="on-the-way"
        title={app.outlook.value.hold === null ? words.overview.onTheWay : words.overview.heldTitle}
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

function Verdict() {
  const app = useApp();
  const words = useWords();
  const outlook = app.outlook.value;
  if (outlook === null) return null;
  const isBad = outlook.answer === "no" ||
    outlook.stillShown.held > 0;
  const tone = outlook.answer === "nobody"
    ? ""
    : isBad
    ? "bad"
    : outlook.answer === "yes"
    ? "good"
    : "wait";
  // What matters most is read at a glance; the rest stands below it.
  const [answer, most = "", ...rest] = describeOutlook(outlook, app.device.now(), words);
  return (
    <div class={`verdict ${tone}`} role="status">
      <p>{`${answer} ${most}`.trim()}</p>
      {rest.length > 0 && <p class="verdict-more">{rest.join(" ")}</p>}
    </div>
  );
}

/** Why nothing is sent, when nothing is. */
function Hold() {
  const app = useApp();
  const words = useWords();
  const { organisation } = useWorkplace();
  const hold = useHold();
  return (
    <div role="status" class="stack">
      {hold !== null && (
        <Message tone={hold.kind === "throttled" || hold.kind === "unknown" ? "wait" : "bad"}>
          <p>{describeHold(hold, organisation.name, app.device.now(), words)}</p>
          {hold.kind !== "throttled" && hold.kind !== "unknown" && <Support />}
        </Message>
      )}
    </div>
  );
}

const STANDING_OF: Record<Progress, Standing> = {
  confirmed: "in_sync",
  on_its_way: "waiting",
  held: "waiting",
  needs_you: "stuck",
};

function Tiles() {
  const app = useApp();
  const words = useWords();
  const links = useLinks();
  const outlook = app.outlook.value;
  if (outlook === null) return null;
  const waiting = progressOf("waiting", outlook.hold);
  return (
    <ul class="tiles">
      {PROGRESSES.filter((progress) => STANDING_OF[progress] !== "waiting" || progress === waiting)
        .map((progress) => (
          <li key={STANDING_OF[progress]}>
            <a
              class={`tile ${progress} ${outlook.counts[progress] === 0 ? "empty" : ""}`}
              href={links.mentors(STANDING_OF[progress])}
            >
              <span class="tile-number">{words.number(outlook.counts[progress])}</span>
              <ProgressBadge progress={progress} />
              <span class="tile-text">{words.overview.tiles[progress]}</span>
            </a>
          </li>
        ))}
    </ul>
  );
}

interface SomeProps {
  readonly id: string;
  readonly title: string;
  readonly mentors: readonly ListedMentor[];
  readonly more: string;
}

function Some({ id, title, mentors, more }: SomeProps) {
  if (mentors.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <Rows mentors={mentors} more={more} />
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
      <h2 id="needs-you">{words.overview.needsYou}</h2>
      {causesOf(stuck).map((cause) => <CauseCard key={cause.key} cause={cause} />)}
    </section>
  );
}

function CauseCard({ cause }: { cause: Cause }) {
  const app = useApp();
  const words = useWords();
  const links = useLinks();
  const hold = useHold();
  const explained = cause.class === null ? words.unknownError : words.errors[cause.class];
  const { mentors } = cause;
  // Those who may still be shown stand above already.
  const others = mentors.filter(({ state }) => !isStillShown(state));
  return (
    <div class="card cause">
      <h3>{words.overview.cause(explained.title, mentors.length)}</h3>
      <p>
        <strong>{words.log.details.todo}:</strong>{" "}
        {hold === null ? explained.onceStuck : words.mentors.todoStuckAndHeld}
      </p>
      {explained.isForSupport && <Support />}
      {(mentors.length > 1 || cause.class === "listing_not_found") && (
        <div class="action">
          {cause.class === "listing_not_found" && <CopyList mentors={mentors} />}
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

/** The list that HLF needs in order to put something right. */
function CopyList({ mentors }: { mentors: readonly ListedMentor[] }) {
  const { overview } = useWords();
  const naming = useNaming();
  const said = useSignal("");
  async function copy() {
    const lines = mentors.map(({ id }) => `${naming(id)}\t${id}`);
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
      said.value = overview.copied(mentors.length);
    } catch {
      said.value = overview.notCopied;
    }
  }
  return (
    <>
      <button type="button" class="secondary" onClick={() => void copy()}>
        {overview.copyList}
      </button>
      <span role="status" class="muted">{said.value}</span>
    </>
  );
}
