import { useRef } from "preact/hooks";
import { choosePassword, giveSecondFactor } from "../api/session.ts";
import { useApp, useWords } from "./context.ts";
import { Page } from "./page.tsx";
import { Problem } from "./sign_in.tsx";
import { Field, PasswordField, Submit, useAnswer } from "./sign_in_parts.tsx";

/** Where an invitation or a recovery link ends. */
export function NewPassword() {
  const app = useApp();
  const { signIn: words } = useWords();
  const password = useRef<HTMLInputElement>(null);
  const { isBusy, problem, ask } = useAnswer();

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    await ask(() => choosePassword(app.client, password.current?.value ?? ""));
    if (problem.value === null) app.satisfy();
  }

  return (
    <div class="narrow">
      <Page title={words.newPassword} intro={words.newPasswordIntro}>
        <form class="card form" onSubmit={submit}>
          <Problem problem={problem.value} />
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
          <Submit isBusy={isBusy.value} label={words.savePassword} />
        </form>
      </Page>
    </div>
  );
}

/** The code of the user's authenticator, where Supabase asks for one. */
export function SecondFactor() {
  const app = useApp();
  const { signIn: words } = useWords();
  const code = useRef<HTMLInputElement>(null);
  const { isBusy, problem, ask } = useAnswer();

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const given = code.current?.value.replace(/\s/g, "") ?? "";
    await ask(() => giveSecondFactor(app.client, given));
    if (problem.value === null) app.satisfy();
  }

  return (
    <div class="narrow">
      <Page title={words.secondFactor} intro={words.secondFactorIntro}>
        <form class="card form" onSubmit={submit}>
          <Problem problem={problem.value} />
          <Field
            inputRef={code}
            label={words.code}
            type="text"
            name="code"
            autocomplete="one-time-code"
            inputMode="numeric"
            isWrong={problem.value === "wrong_code"}
          />
          <Submit isBusy={isBusy.value} label={words.submit} />
        </form>
      </Page>
    </div>
  );
}
