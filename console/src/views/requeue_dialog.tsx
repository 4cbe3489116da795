import { useEffect, useRef } from "preact/hooks";
import type { RequeueRun } from "../live/requeue_run.ts";
import { describeTimestamp, explainError, nameOf } from "../words/describe.ts";
import type { Step } from "../progress.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Message } from "./message.tsx";

/** So many names are listed; the rest is a number. */
const MOST_NAMES = 100;

/** Preview, progress and result of sending dead letters again. */
export function RequeueDialog({ run }: { run: RequeueRun }) {
  const app = useApp();
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    heading.current?.focus();
  }, []);
  const count = run.phase.value.kind === "looking"
    ? run.mentorIds.length
    : run.previews.value.length;

  function closed() {
    app.requeueRun.value = null;
    // The button that opened it may be gone with what it was there for.
    if (document.activeElement === document.body) document.querySelector("h1")?.focus();
  }

  return (
    <dialog ref={dialog} aria-labelledby="requeue-title" onClose={closed}>
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
            {phase.kind === "sending" ? requeue.sending : requeue.confirm(count)}
          </button>
        )}
      </div>
    </>
  );
}

function Progress({ run, leftOut }: { run: RequeueRun; leftOut: number }) {
  const { meaning, requeue } = useWords();
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
          : requeue.mayClose}
      </p>
      {isFinished && counted("confirmed") > 0 && <p class="muted">{meaning.lag}</p>}
      {leftOut > 0 && <p>{requeue.leftOut(leftOut)}</p>}
    </>
  );
}

function People({ run }: { run: RequeueRun }) {
  const { requeue } = useWords();
  const previews = run.previews.value;
  return (
    <ul class="people" tabIndex={0} aria-label={requeue.preview}>
      {previews.slice(0, MOST_NAMES).map(({ mentorId }) => (
        <Person key={mentorId} run={run} mentorId={mentorId} />
      ))}
      {previews.length > MOST_NAMES && <li>{requeue.andMore(previews.length - MOST_NAMES)}</li>}
    </ul>
  );
}

function Person({ run, mentorId }: { run: RequeueRun; mentorId: string }) {
  const app = useApp();
  const words = useWords();
  const { live } = useWorkplace();
  const preview = run.previews.value.find((preview) => preview.mentorId === mentorId);
  const step = run.steps.value.get(mentorId);
  const isFollowing = run.phase.value.kind === "following";
  return (
    <li>
      <strong>{nameOf(live.mentors.value.get(mentorId), mentorId, words)}</strong>
      <span>
        {isFollowing && step !== undefined
          ? describeStep(step)
          : preview && words.operation[preview.operation]}
      </span>
      {!isFollowing && preview?.isInStep && <span class="muted">{words.requeue.alreadySo}</span>}
    </li>
  );

  function describeStep(step: Step): string {
    const said = words.requeue.step[step.kind];
    if (step.kind === "retrying") {
      const at = describeTimestamp(step.nextAttemptAt, app.device.now(), words);
      return `${said} ${at} · ${explainError(step.error, words).title}`;
    }
    if (step.kind !== "stuck") return said;
    const { title, onceStuck } = explainError(step.error, words);
    return `${said}: ${title}. ${onceStuck}`;
  }
}
