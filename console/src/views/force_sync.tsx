import type { ListedMentor } from "../standing.ts";
import { nameOf } from "../words/describe.ts";
import { describeForceSync } from "../words/force_sync_words.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./icons.tsx";
import { Message } from "./message.tsx";

/** «Synkroniser nå». It stays where it is while it works, so that the focus is not lost. */
export function ForceSyncButton({ listed }: { listed: ListedMentor }) {
  const words = useWords();
  const { forceSyncs } = useWorkplace();
  const isBusy = forceSyncs.all.value.get(listed.id)?.kind === "busy";
  return (
    <button
      type="button"
      class="secondary"
      aria-disabled={isBusy}
      aria-label={words.force.buttonFor(nameOf(listed.mentor, listed.id, words))}
      onClick={() => void forceSyncs.start(listed.id)}
    >
      <Icon name="sync" />
      {words.force.button}
    </button>
  );
}

/** «Send på nytt» for one mentor, by way of the preview. */
export function RequeueButton({ listed }: { listed: ListedMentor }) {
  const app = useApp();
  const words = useWords();
  return (
    <button
      type="button"
      class="primary"
      aria-label={words.requeue.oneFor(nameOf(listed.mentor, listed.id, words))}
      onClick={() => app.previewRequeue([listed.id])}
    >
      <Icon name="sync" />
      {words.requeue.one}
    </button>
  );
}

/** What came of it; announced by screen readers as it changes. */
export function ForceSyncResult({ listed }: { listed: ListedMentor }) {
  const app = useApp();
  const words = useWords();
  const { forceSyncs } = useWorkplace();
  const sync = forceSyncs.all.value.get(listed.id);
  const message = sync && describeForceSync(
    sync,
    nameOf(listed.mentor, listed.id, words),
    listed.state.wanted_operation,
    app.device.now(),
    words,
  );
  return (
    <div role="status" class="result">
      {message !== undefined && (
        <Message tone={message.tone}>
          {message.text.map((sentence) => <p key={sentence}>{sentence}</p>)}
          {message.tone !== "busy" && (
            <button
              type="button"
              class="quiet"
              onClick={() => forceSyncs.dismiss(listed.id)}
            >
              {words.force.close}
            </button>
          )}
        </Message>
      )}
    </div>
  );
}
