import { links } from "../route.ts";
import { countStandings, type ListedMentor, type Standing } from "../standing.ts";
import { describeTimestamp } from "../words/describe.ts";
import { isClosed } from "../words/describe_state.ts";
import { StandingBadge } from "./badges.tsx";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Happenings, Night, OpenAlerts } from "./happenings.tsx";
import { useKeptFocus } from "./kept_focus.ts";
import { Meaning } from "./meaning.tsx";
import { MentorRow } from "./mentor_row.tsx";
import { Message } from "./message.tsx";
import { Page } from "./page.tsx";
import { RequeueAll } from "./requeue_all.tsx";

const ROWS_OF_EACH = 5;
const TILES = ["in_step", "waiting", "stuck"] as const satisfies Standing[];

/** Is the website in step? */
export function Overview() {
  const words = useWords();
  const { live, forceSyncs } = useWorkplace();
  useKeptFocus();
  const mentors = live.listed.value;
  const stuck = mentors.filter(({ standing }) => standing === "stuck");
  // Whoever was synced from here stays until the result is read.
  const waiting = mentors.filter(({ id, standing }) =>
    standing === "waiting" || (standing === "in_step" && forceSyncs.all.value.has(id))
  );
  if (live.states.value === null) {
    return (
      <Page title={words.overview.title}>
        <p class="loading" role="status">{words.app.loading}</p>
      </Page>
    );
  }
  return (
    <Page title={words.overview.title}>
      <Verdict mentors={mentors} />
      <Holds />
      <Tiles mentors={mentors} />
      {stuck.length > 0 && (
        <section aria-labelledby="needs-you">
          <div class="section-head">
            <h2 id="needs-you">{words.overview.needsYou}</h2>
            <RequeueAll stuck={stuck} />
          </div>
          <Some mentors={stuck} standing="stuck" />
        </section>
      )}
      {waiting.length > 0 && (
        <section aria-labelledby="on-the-way">
          <h2 id="on-the-way">{words.overview.onTheWay}</h2>
          <Some mentors={waiting} standing="waiting" />
        </section>
      )}
      <div class="columns">
        <OpenAlerts />
        <Night />
        <Happenings />
        <Meaning />
      </div>
    </Page>
  );
}

function Verdict({ mentors }: { mentors: readonly ListedMentor[] }) {
  const { overview } = useWords();
  const { stuck, waiting } = countStandings(mentors);
  const [tone, sentence] = mentors.length === 0
    ? ["", overview.nobody]
    : stuck > 0
    ? ["bad", overview.no(stuck)]
    : waiting > 0
    ? ["wait", overview.soon(waiting)]
    : ["good", overview.yes(mentors.length)];
  return <p class={`verdict ${tone}`} role="status">{sentence}</p>;
}

/** Why nothing is sent, when nothing is. */
function Holds() {
  const app = useApp();
  const words = useWords();
  const { live, organisation } = useWorkplace();
  const gate = live.warnings.value?.gate;
  const now = app.device.now();
  return (
    <div role="status" class="stack">
      {!organisation.hlf_sync_enabled && (
        <Message tone="info">{words.overview.disabled(organisation.name)}</Message>
      )}
      {isClosed(gate, now) && (
        <Message tone={gate?.reason === "credentials" ? "bad" : "wait"}>
          {gate?.reason === "credentials"
            ? words.overview.gateCredentials
            : words.overview.gateThrottled(
              describeTimestamp(gate?.closed_until ?? null, now, words),
            )}
        </Message>
      )}
    </div>
  );
}

function Tiles({ mentors }: { mentors: readonly ListedMentor[] }) {
  const { overview } = useWords();
  const counts = countStandings(mentors);
  return (
    <ul class="tiles">
      {TILES.map((standing) => (
        <li key={standing}>
          <a
            class={`tile ${standing} ${counts[standing] === 0 ? "empty" : ""}`}
            href={links.mentors(standing)}
          >
            <span class="tile-number">{counts[standing]}</span>
            <StandingBadge standing={standing} />
            <span class="tile-text">{overview.tiles[standing]}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

interface SomeProps {
  readonly mentors: readonly ListedMentor[];
  readonly standing: Standing;
}

function Some({ mentors, standing }: SomeProps) {
  const { overview } = useWords();
  return (
    <>
      <ul class="mentors">
        {mentors.slice(0, ROWS_OF_EACH).map((listed) => (
          <MentorRow key={listed.id} listed={listed} />
        ))}
      </ul>
      {mentors.length > ROWS_OF_EACH && (
        <p>
          <a class="more" href={links.mentors(standing)}>{overview.more(mentors.length)}</a>
        </p>
      )}
    </>
  );
}
