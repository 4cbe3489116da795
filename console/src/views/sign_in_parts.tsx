import type { ComponentChildren } from "preact";
import { type Signal, useSignal } from "@preact/signals";
import type { SignInProblem } from "../api/session.ts";
import { useWords } from "./context.ts";
import { Message } from "./message.tsx";

interface Answer {
  readonly isBusy: Signal<boolean>;
  readonly problem: Signal<SignInProblem | null>;
  readonly ask: (question: () => Promise<SignInProblem | null>) => Promise<void>;
}

/** One question at a time, and what was wrong with the last one. */
export function useAnswer(): Answer {
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

interface AuthFormProps {
  readonly answer: Answer;
  readonly submit: () => Promise<void>;
  /** What the button says. */
  readonly label: string;
  readonly children?: ComponentChildren;
  /** Another way on, below the button. */
  readonly other?: ComponentChildren;
}

/** What the person who signs in is asked, and what was wrong with the answer. */
export function AuthForm({ answer, submit, label, children, other }: AuthFormProps) {
  const { signIn: words } = useWords();
  const isBusy = answer.isBusy.value;
  const problem = answer.problem.value;
  return (
    <form
      class="card form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div role="alert" id="problem">
        {problem !== null && <Message tone="bad">{words.problems[problem]}</Message>}
      </div>
      {children}
      <button type="submit" class="primary" aria-disabled={isBusy}>
        {isBusy ? words.busy : label}
      </button>
      {other}
    </form>
  );
}

export interface FieldProps {
  readonly inputRef: { current: HTMLInputElement | null };
  readonly label: string;
  readonly type: "text" | "email" | "password";
  readonly name: string;
  readonly autocomplete: string;
  readonly isWrong: boolean;
  readonly inputMode?: "numeric";
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

/** A password, and a way to see it. */
export function PasswordField(props: Omit<FieldProps, "type" | "name">) {
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

/** A code from an e-mail or an authenticator. */
export function CodeField(props: Pick<FieldProps, "inputRef" | "isWrong">) {
  return (
    <Field
      {...props}
      label={useWords().signIn.code}
      type="text"
      name="code"
      autocomplete="one-time-code"
      inputMode="numeric"
    />
  );
}

/** The code that was typed, without the spaces that people put into it. */
export function codeIn(input: FieldProps["inputRef"]): string {
  return input.current?.value.replace(/\s/g, "") ?? "";
}
