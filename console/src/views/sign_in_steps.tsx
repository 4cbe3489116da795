import { useRef } from "preact/hooks";
import { choosePassword, giveSecondFactor } from "../api/session.ts";
import { useView } from "./context.ts";
import { Page } from "./page.tsx";
import { AuthForm, CodeField, codeIn, PasswordField, useAnswer } from "./sign_in_parts.tsx";

/** Where an invitation or a recovery link ends. */
export function NewPassword() {
  const { app, words: { signIn: words } } = useView();
  const password = useRef<HTMLInputElement>(null);
  const answer = useAnswer();
  const { problem, ask } = answer;

  async function submit() {
    await ask(() => choosePassword(app.client, password.current?.value ?? ""));
    if (problem.value === null) app.satisfy();
  }

  return (
    <Page title={words.newPassword} intro={words.newPasswordIntro} isNarrow>
      <AuthForm answer={answer} submit={submit} label={words.savePassword}>
        <input
          type="email"
          name="email"
          autoComplete="username"
          value={app.user.value?.email ?? ""}
          readOnly
          aria-label={words.email}
        />
        <PasswordField
          inputRef={password}
          label={words.newPasswordField}
          autocomplete="new-password"
          isWrong={problem.value === "weak_password" || problem.value === "same_password"}
        />
      </AuthForm>
    </Page>
  );
}

/** The code of the user's authenticator, where Supabase asks for one. */
export function SecondFactor() {
  const { app, words: { signIn: words } } = useView();
  const code = useRef<HTMLInputElement>(null);
  const answer = useAnswer();
  const { problem, ask } = answer;

  async function submit() {
    await ask(() => giveSecondFactor(app.client, codeIn(code)));
    if (problem.value === null) app.satisfy();
  }

  return (
    <Page title={words.secondFactor} intro={words.secondFactorIntro} isNarrow>
      <AuthForm answer={answer} submit={submit} label={words.submit}>
        <CodeField inputRef={code} isWrong={problem.value === "wrong_code"} />
      </AuthForm>
    </Page>
  );
}
