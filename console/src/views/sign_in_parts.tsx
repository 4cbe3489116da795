import { type Signal, useSignal } from "@preact/signals";
import type { SignInProblem } from "../api/session.ts";
import { useWords } from "./context.ts";

/** One question at a time, and what was wrong with the last one. */
export function useAnswer(): {
  readonly isBusy: Signal<boolean>;
  readonly problem: Signal<SignInProblem | null>;
  readonly ask: (question: () => Promise<SignInProblem | null>) => Promise<void>;
} {
  const isBusy = useSignal(false);
  const problem = useSignal<SignInProblem | null>(null);
  async function ask(question: () => Promise<SignInProblem | null>) {
    if (isBusy.value) return;
    isBusy.value = true;
    problem.value = null;
    try {
      problem.value = await question();
    } finally {
      isBusy.value = false;
    }
  }
  return { isBusy, problem, ask };
}

interface FieldProps {
  readonly inputRef: { current: HTMLInputElement | null };
  readonly label: string;
  readonly type: "text" | "email" | "password";
  readonly name: string;
  readonly autocomplete: string;
  readonly isWrong: boolean;
  readonly inputMode?: "numeric";
  readonly minLength?: number;
}

/** Apart, because an element of each type takes other attributes. */
const TYPES = {
  text: { type: "text" },
  email: { type: "email" },
  password: { type: "password" },
} as const;

export function Field({ inputRef, label, isWrong, autocomplete, type, ...input }: FieldProps) {
  return (
    <label>
      {label}
      <input
        ref={inputRef}
        autoComplete={autocomplete}
        required
        aria-invalid={isWrong}
        {...(isWrong && { "aria-describedby": "problem" })}
        {...TYPES[type]}
        {...input}
      />
    </label>
  );
}

interface PasswordFieldProps {
  readonly inputRef: { current: HTMLInputElement | null };
  readonly label: string;
  readonly autocomplete: "current-password" | "new-password";
  readonly isWrong: boolean;
}

/** A password, and a way to see it. */
export function PasswordField(props: PasswordFieldProps) {
  const { signIn: words } = useWords();
  const isShown = useSignal(false);
  return (
    <>
      <Field {...props} type={isShown.value ? "text" : "password"} name="password" />
      <label class="check">
        <input
          type="checkbox"
          checked={isShown.value}
          onChange={(event) => isShown.value = event.currentTarget.checked}
        />
        {words.showPassword}
      </label>
    </>
  );
}

export function Submit({ isBusy, label }: { isBusy: boolean; label: string }) {
  const { signIn: words } = useWords();
  return (
    <button type="submit" class="primary" aria-disabled={isBusy}>
      {isBusy ? words.busy : label}
    </button>
  );
}
