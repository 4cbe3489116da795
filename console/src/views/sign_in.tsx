import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import {
  sendCode,
  sendRecovery,
  signIn,
  type SignInProblem,
  signInWithCode,
  signInWithEntra,
} from "../api/session.ts";
import { keepPlace } from "../model/view_memory.ts";
import { useApp, useWords } from "./context.ts";
import { Message } from "./message.tsx";
import { Page } from "./page.tsx";
import { Field, PasswordField, Submit, useAnswer } from "./sign_in_parts.tsx";

/** The ways in, in the order in which whoever hosts the page offers them. */
export function SignIn() {
  const app = useApp();
  const { signIn: words } = useWords();
  const way = useSignal(app.settings.signIn[0] ?? "password");
  const others = app.settings.signIn.filter((known) => known !== way.value);
  const problem = app.arrivalProblem.value;
  // Where nobody has a password, there is no «forgotten» to send somebody to.
  const said = problem === "expired_link" && !app.settings.signIn.includes("password")
    ? words.oldLink
    : problem && words.problems[problem];
  return (
    <div class="narrow">
      <Page title={words.title} intro={words.intro}>
        <div role="alert">
          {said !== null && <Message tone="bad">{said}</Message>}
          {said === null && app.hasLostSession.value && (
            <Message tone="info">{words.signedOut}</Message>
          )}
        </div>
        {way.value === "password" && <WithPassword />}
        {way.value === "email_code" && <WithCode />}
        {way.value === "azure" && <WithEntra />}
        {others.length > 0 && (
          <div class="ways">
            {others.map((known) => (
              <button
                key={known}
                type="button"
                class="secondary"
                onClick={() => way.value = known}
              >
                {words.ways[known]}
              </button>
            ))}
          </div>
        )}
      </Page>
    </div>
  );
}

/** Where Auth leads back to: this page, without what stands behind the `#`. */
function here(): string {
  return location.origin + location.pathname;
}

function WithPassword() {
  const app = useApp();
  const { signIn: words } = useWords();
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const said = useSignal("");
  const { isBusy, problem, ask } = useAnswer();
  const address = () => email.current?.value.trim() ?? "";

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    said.value = "";
    await ask(() => signIn(app.client, address(), password.current?.value ?? ""));
    if (problem.value !== null) password.current?.focus();
  }

  async function recover() {
    said.value = "";
    if (!email.current?.reportValidity()) return;
    await ask(() => sendRecovery(app.client, address(), here()));
    if (problem.value === null) said.value = words.recoverySent;
  }

  return (
    <form class="card form" onSubmit={submit}>
      <Problem problem={problem.value} />
      <div role="status" class="result">
        {said.value !== "" && <Message tone="info">{said.value}</Message>}
      </div>
      <Email inputRef={email} isWrong={problem.value === "invalid_credentials"} />
      <PasswordField
        inputRef={password}
        label={words.password}
        autocomplete="current-password"
        isWrong={problem.value === "invalid_credentials"}
      />
      <Submit isBusy={isBusy.value} label={words.submit} />
      <button type="button" class="quiet" onClick={() => void recover()}>{words.forgot}</button>
    </form>
  );
}

function WithCode() {
  const app = useApp();
  const { signIn: words } = useWords();
  const email = useRef<HTMLInputElement>(null);
  const code = useRef<HTMLInputElement>(null);
  const sentTo = useSignal<string | null>(null);
  const { isBusy, problem, ask } = useAnswer();
  useEffect(() => {
    if (sentTo.value !== null) code.current?.focus();
  }, [sentTo.value]);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const address = sentTo.value;
    if (address === null) {
      const to = email.current?.value.trim() ?? "";
      await ask(async () => {
        const problem = await sendCode(app.client, to);
        // Whether somebody has this address is not to be learnt here.
        return problem === "invalid_credentials" ? null : problem;
      });
      if (problem.value === null) sentTo.value = to;
      return;
    }
    const given = code.current?.value.replace(/\s/g, "") ?? "";
    await ask(() => signInWithCode(app.client, address, given));
  }

  return (
    <form class="card form" onSubmit={submit}>
      <Problem problem={problem.value} />
      {sentTo.value === null ? <Email inputRef={email} isWrong={false} /> : (
        <>
          <p role="status">{words.codeSent(sentTo.value)}</p>
          <Field
            inputRef={code}
            label={words.code}
            type="text"
            name="code"
            autocomplete="one-time-code"
            inputMode="numeric"
            isWrong={problem.value === "wrong_code"}
          />
        </>
      )}
      <Submit
        isBusy={isBusy.value}
        label={sentTo.value === null ? words.sendCode : words.submit}
      />
      {sentTo.value !== null && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            sentTo.value = null;
            problem.value = null;
          }}
        >
          {words.otherEmail}
        </button>
      )}
    </form>
  );
}

function WithEntra() {
  const app = useApp();
  const { signIn: words } = useWords();
  const { isBusy, problem, ask } = useAnswer();
  return (
    <form
      class="card form"
      onSubmit={(event) => {
        event.preventDefault();
        keepPlace();
        void ask(() => signInWithEntra(app.client, here()));
      }}
    >
      <Problem problem={problem.value} />
      <Submit isBusy={isBusy.value} label={words.ways.azure} />
    </form>
  );
}

function Email(
  { inputRef, isWrong }: {
    inputRef: { current: HTMLInputElement | null };
    isWrong: boolean;
  },
) {
  return (
    <Field
      inputRef={inputRef}
      label={useWords().signIn.email}
      type="email"
      name="email"
      autocomplete="username"
      isWrong={isWrong}
    />
  );
}

export function Problem({ problem }: { problem: SignInProblem | null }) {
  const { signIn: words } = useWords();
  return (
    <div role="alert" id="problem">
      {problem !== null && <Message tone="bad">{words.problems[problem]}</Message>}
    </div>
  );
}
