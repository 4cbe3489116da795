import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { signIn, type SignInProblem } from "../api/session.ts";
import { useApp, useWords } from "./context.ts";
import { Message } from "./message.tsx";
import { Page } from "./page.tsx";

export function SignIn() {
  const app = useApp();
  const { signIn: words } = useWords();
  const email = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const isBusy = useSignal(false);
  const isShown = useSignal(false);
  const problem = useSignal<SignInProblem | null>(null);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    problem.value = null;
    problem.value = await signIn(
      app.client,
      email.current?.value.trim() ?? "",
      password.current?.value ?? "",
    );
    isBusy.value = false;
    if (problem.value !== null) password.current?.focus();
  }

  return (
    <div class="narrow">
      <Page title={words.title} intro={words.intro}>
        <form class="card form" onSubmit={submit}>
          <div role="alert">
            {problem.value !== null && <Message tone="bad">{words.problems[problem.value]}
            </Message>}
            {problem.value === null && app.hasLostSession.value && (
              <Message tone="info">{words.signedOut}</Message>
            )}
          </div>
          <label>
            {words.email}
            <input ref={email} type="email" name="email" autocomplete="username" required />
          </label>
          <label>
            {words.password}
            <input
              ref={password}
              {...(isShown.value ? { type: "text" as const } : { type: "password" as const })}
              name="password"
              autocomplete="current-password"
              required
            />
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={isShown.value}
              onChange={(event) => isShown.value = event.currentTarget.checked}
            />
            {words.showPassword}
          </label>
          <button type="submit" class="primary" aria-disabled={isBusy.value}>
            {isBusy.value ? words.busy : words.submit}
          </button>
        </form>
      </Page>
    </div>
  );
}
