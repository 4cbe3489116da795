import { useEffect, useRef } from "preact/hooks";
import type { Preview } from "../api/actions.ts";
import type { RequeueRun } from "../live/requeue_run.ts";
import { describeTimestamp, explainError } from "../words/describe.ts";
import type { Step } from "../model/progress.ts";
import { recall } from "../model/view_memory.ts";
import { useView, useWords, useWorkplace } from "./context.ts";
import { Message } from "./message.tsx";

/** Preview, progress and result of sending dead letters again. */
export function RequeueDialog({ run }: { run: RequeueRun }) {
  const { app, words } = useView();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const isGoingBack = useRef(false);
  useEffect(() => {
    dialog.current?.showModal();
    heading.current?.focus();
    // A step of its own in the browser's history, so that Back closes this and nothing else.
    history.pushState({ ...recall(), isDialog: true }, "");
    const goBack = () => {
      isGoingBack.current = true;
      dialog.current?.close();
    };
    addEventListener("popstate", goBack);
    return () => removeEventListener("popstate", goBack);
  }, []);
  const count = run.phase.value.kind === "looking"
    ? run.mentorIds.length
    : run.previews.value.length;

  function closed() {
    app.requeueRun.value = null;
    if (!isGoingBack.current) history.back();
    // The button that opened it may be gone with what it was there for.
    if (document.activeElement === document.body) document.querySelector("h1")?.focus();
  }

  return (
    <dialog
      ref={dialog}
      aria-labelledby="requeue-title"
      onClose={closed}
    >
      <h2 ref={heading} id="requeue-title" tabIndex={-1}>
        {run.phase.value.kind === "following"
          ? words.requeue.sent(count)
          : words.requeue.title(count)}
      </h2>
      <DialogContent run={run} close={() => dialog.current?.close()} />
    </dialog>
  );
}

interface DialogContentProps {
  readonly run: RequeueRun;
  readonly close: () => void;
}

function DialogContent({ run, close }: DialogContentProps) {
  const { requeue, force } = useWords();
  const { hold } = useWorkplace();
  const phase = run.phase.value;
  const count = run.previews.value.length;
  const canSend = phase.kind === "sending" || (phase.kind === "previewing" && count > 0);
  return (
    <>
      <div role="status" class="stack">
        {phase.kind === "looking" && <p>{requeue.loading}</p>}
        {phase.kind === "previewing" && count === 0 && <p>{requeue.nothing}</p>}
        {phase.kind === "refused" && <Message tone="bad">{force.refused[phase.reason]}</Message>}
        {phase.kind === "following" && <Progress run={run} leftOut={phase.leftOut} />}
      </div>
      {canSend && <p>{requeue.preview}</p>}
      {canSend && hold !== null && <Message tone="wait">{requeue.held}</Message>}
      {phase.kind !== "refused" && <People run={run} />}
      <div class="dialog-actions">
        <button type="button" class="secondary" onClick={close}>
          {canSend ? requeue.cancel : requeue.close}
        </button>
        {canSend && (
          <button
            type="button"
            class="primary"
            aria-disabled={phase.kind === "sending"}
            onClick={() => void run.confirm()}
          >
            {phase.kind === "sending" ? requeue.sending : requeue.all(count)}
          </button>
        )}
      </div>
    </>
  );
}

function Progress({ run, leftOut }: { run: RequeueRun; leftOut: number }) {
  const { words: { meaning, requeue }, lagMinutes } = useView();
  const { hold } = useWorkplace();
  const steps = [...run.steps.value.values()];
  const counted = (kind: Step["kind"]) => steps.filter((step) => step.kind === kind).length;
  const done = steps.length - counted("working");
  const isFinished = done === steps.length;
  return (
    <>
      <progress
        max={steps.length}
        value={done}
        aria-label={requeue.progress(done, steps.length)}
      />
      <p>
        <strong>{isFinished ? requeue.finished : requeue.progress(done, steps.length)}.</strong>
        {" "}
        {isFinished
          ? requeue.summary(counted("confirmed"), counted("retrying"), counted("stuck"))
          : hold === null
          ? requeue.mayClose
          : requeue.held}
      </p>
      {isFinished && counted("confirmed") > 0 && <p class="muted">{meaning.lag(lagMinutes)}</p>}
      {leftOut > 0 && <p>{requeue.leftOut(leftOut)}</p>}
    </>
  );
}

function People({ run }: { run: RequeueRun }) {
  const words = useWords();
  const { naming } = useWorkplace();
  const collator = new Intl.Collator(words.locale);
  const people = run.previews.value
    .map((preview) => ({ preview, name: naming(preview.mentorId) }))
    .sort((a, b) => collator.compare(a.name, b.name));
  return (
    <ul class="people" tabIndex={0} aria-label={words.requeue.preview}>
      {people.map(({ preview, name }) => (
        <Person key={preview.mentorId} run={run} preview={preview} name={name} />
      ))}
    </ul>
  );
}

interface PersonProps {
  readonly run: RequeueRun;
  readonly preview: Preview;
  readonly name: string;
}

function Person({ run, preview, name }: PersonProps) {
  const { words, now } = useView();
  const isFollowing = run.phase.value.kind === "following";
  const step = isFollowing ? run.steps.value.get(preview.mentorId) : undefined;
  return (
    <li>
      <strong>
        <bdi>{name}</bdi>
      </strong>
      <span>{step ? describeStep(step) : words.operation[preview.operation]}</span>
      {!isFollowing && preview.isInSync && <span class="muted">{words.requeue.alreadySo}</span>}
    </li>
  );

  function describeStep(step: Step): string {
    const said = words.requeue.step[step.kind];
    if (step.kind === "retrying") {
      const at = describeTimestamp(step.nextAttemptAt, now, words);
      return `${said} ${at} · ${explainError(step.error, words).title}`;
    }
    if (step.kind !== "stuck") return said;
    const { title, onceStuck } = explainError(step.error, words);
    return `${said}: ${title}. ${onceStuck}`;
  }
}
