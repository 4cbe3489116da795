import { Component, type ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { App } from "../live/app.ts";
import type { Words } from "../words/words.ts";
import {
  AppContext,
  useApp,
  useView,
  useWords,
  useWorkplace,
  WorkplaceContext,
} from "./context.ts";
import { Audit } from "./audit.tsx";
import { Header } from "./header.tsx";
import { Log } from "./log.tsx";
import { MentorView } from "./mentor.tsx";
import { Mentors } from "./mentors.tsx";
import { Message } from "./message.tsx";
import { Overview } from "./overview.tsx";
import { Page } from "./page.tsx";
import { RequeueDialog } from "./requeue_dialog.tsx";
import { SignIn } from "./sign_in.tsx";
import { NewPassword, SecondFactor } from "./sign_in_steps.tsx";
import { Footer } from "./support.tsx";
import { describeMoment } from "../words/describe.ts";

/** The whole page. */
export function Root({ app }: { app: App }) {
  const words = app.words.value;
  useEffect(() => {
    document.documentElement.lang = words.language;
  }, [words.language]);
  return (
    <AppContext.Provider value={app}>
      <a class="skip" href="#main" onClick={skipToMain}>{words.app.skip}</a>
      <Header />
      <main id="main" tabIndex={-1}>
        <Guard words={words} place={app.hash.value}>
          <Content />
        </Guard>
      </main>
      <Footer />
    </AppContext.Provider>
  );
}

/** The address belongs to the views, so the skip link must not change it. */
function skipToMain(event: Event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Content() {
  const { app, words } = useView();
  const user = app.user.value;
  if (user === null) return <SignIn />;
  if (app.demand.value === "second_factor") return <SecondFactor />;
  if (user !== undefined && app.demand.value === "new_password") return <NewPassword />;
  const workplace = app.workplace.value;
  if (workplace !== null) {
    return (
      <WorkplaceContext.Provider value={workplace}>
        <ContactLost />
        <View key={`${workplace.organisation.id} ${app.step.value}`} />
        {app.requeueRun.value !== null && <RequeueDialog run={app.requeueRun.value} />}
      </WorkplaceContext.Provider>
    );
  }
  if (user !== undefined && app.organisations.value?.length === 0) {
    return (
      <Page title={words.noAccess.title} isNarrow>
        <div class="card">
          <p>{words.noAccess.text(user.email)}</p>
          <p>{words.noAccess.help}</p>
        </div>
      </Page>
    );
  }
  return (
    <p class="loading muted" role="status">
      {app.hasContact.value ? words.app.loading : words.contact.neverHad}
    </p>
  );
}

function View() {
  const words = useWords();
  switch (useApp().route.value.view) {
    case "overview":
      return <Overview />;
    case "mentors":
      return <Mentors />;
    case "mentor":
      return <MentorView />;
    case "log":
      return <Log />;
    case "audit":
      return <Audit />;
    case "not_found":
      return (
        <Page title={words.app.notFound}>
          <p>{words.app.notFoundHelp}</p>
        </Page>
      );
  }
}

function ContactLost() {
  const { words, now } = useView();
  const { contact } = words;
  const { live } = useWorkplace();
  const readAt = live.readAt.value;
  return (
    <div role="status" class="banner">
      {live.contact.value !== "ok" && (
        <Message tone="wait">
          {live.contact.value === "refused"
            ? contact.refused
            : readAt === null
            ? contact.neverHad
            : contact.lost(describeMoment(readAt, now, words))}
        </Message>
      )}
    </div>
  );
}

interface GuardProps {
  /** Where the page is: going elsewhere tries again. */
  readonly place: string;
  readonly words: Words;
  readonly children: ComponentChildren;
}

/** Says so when a view breaks, instead of showing half of it. */
class Guard extends Component<GuardProps, { hasCrashed: boolean }> {
  override state = { hasCrashed: false };

  static override getDerivedStateFromError() {
    return { hasCrashed: true };
  }

  override componentDidUpdate(before: GuardProps) {
    if (before.place !== this.props.place && this.state.hasCrashed) {
      this.setState({ hasCrashed: false });
    }
  }

  override render({ words, children }: GuardProps) {
    if (!this.state.hasCrashed) return children;
    return (
      <div role="alert">
        <h1>{words.app.crashed}</h1>
        <p>{words.app.crashedHelp}</p>
        <button type="button" class="primary" onClick={() => location.reload()}>
          {words.app.reload}
        </button>
      </div>
    );
  }
}
