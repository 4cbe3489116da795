import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { sendCode, sendRecovery, signIn, signInWithCode, signInWithEntra } from "../api/session.ts";
import { keepPlace } from "../model/view_memory.ts";
import { useView, useWords } from "./context.ts";
import { Message } from "./message.tsx";
import { Page } from "./page.tsx";
import {
  AuthForm,
  CodeField,
  codeIn,
  Field,
  type FieldProps,
  PasswordField,
  useAnswer,
} from "./sign_in_parts.tsx";

/** The ways in, in the order in which whoever hosts the page offers them. */
export function SignIn() {
  const { app, words: { signIn: words } } = useView();
  const way = useSignal(app.settings.signIn[0] ?? "password");
  const others = app.settings.signIn.filter((known) => known !== way.value);
  const problem = app.arrivalProblem.value;
  // Where nobody has a password, there is no «forgotten» to send somebody to.
  const said = problem === "expired_link" && !app.settings.signIn.includes("password")
    ? words.oldLink
    : problem && words.problems[problem];
  return (
    <Page title={words.title} intro={words.intro} isNarrow>
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
  );
}

/** Where Auth leads back to: this page, without what stands behind the `#`. */
function here(): string {
  return location.origin + location.pathname;
}

function WithPassword() {
  const { app, words: { signIn: words } } = useView();
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const said = useSignal("");
  const answer = useAnswer();
  const { problem, ask } = answer;
  const address = () => email.current?.value.trim() ?? "";

  async function submit() {
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
    <AuthForm
      answer={answer}
      submit={submit}
      label={words.submit}
      other={
        <button type="button" class="quiet" onClick={() => void recover()}>{words.forgot}</button>
      }
    >
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
    </AuthForm>
  );
}

function WithCode() {
  const { app, words: { signIn: words } } = useView();
  const email = useRef<HTMLInputElement>(null);
  const code = useRef<HTMLInputElement>(null);
  const sentTo = useSignal<string | null>(null);
  const answer = useAnswer();
  const { problem, ask } = answer;
  useEffect(() => {
    if (sentTo.value !== null) code.current?.focus();
  }, [sentTo.value]);

  async function submit() {
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
    await ask(() => signInWithCode(app.client, address, codeIn(code)));
  }

  return (
    <AuthForm
      answer={answer}
      submit={submit}
      label={sentTo.value === null ? words.sendCode : words.submit}
      other={sentTo.value !== null && (
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
    >
      {sentTo.value === null ? <Email inputRef={email} isWrong={false} /> : (
        <>
          <p role="status">{words.codeSent(sentTo.value)}</p>
          <CodeField inputRef={code} isWrong={problem.value === "wrong_code"} />
        </>
      )}
    </AuthForm>
  );
}

function WithEntra() {
  const { app, words } = useView();
  const answer = useAnswer();

  async function submit() {
    keepPlace();
    await answer.ask(() => signInWithEntra(app.client, here()));
  }

  return <AuthForm answer={answer} submit={submit} label={words.signIn.ways.azure} />;
}

function Email(props: Pick<FieldProps, "inputRef" | "isWrong">) {
  return (
    <Field
      {...props}
      label={useWords().signIn.email}
      type="email"
      name="email"
      autocomplete="username"
    />
  );
}
