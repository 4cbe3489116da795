import type { ListedMentor } from "../standing.ts";
import { nameOf } from "../words/describe.ts";
import { describeForceSync } from "../words/force_sync_words.ts";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { Icon } from "./icons.tsx";
import { Message } from "./message.tsx";

/**
 * «Synkroniser nå» or, for whoever is stuck, «Send på nytt» by way of the preview. One button for
 * both, which stays where it is while it works, so that the focus is not lost.
 */
export function MentorAction({ listed }: { listed: ListedMentor }) {
  const app = useApp();
  const words = useWords();
  const { forceSyncs } = useWorkplace();
  const isStuck = listed.standing === "stuck";
  const name = nameOf(listed.mentor, listed.id, words);
  return (
    <button
      type="button"
      class={isStuck ? "primary" : "secondary"}
      aria-disabled={forceSyncs.all.value.get(listed.id)?.kind === "busy"}
      aria-label={isStuck ? words.requeue.oneFor(name) : words.force.buttonFor(name)}
      onClick={() => isStuck ? app.previewRequeue([listed.id]) : void forceSyncs.start(listed.id)}
    >
      <Icon name="sync" />
      {isStuck ? words.requeue.one : words.force.button}
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
              onClick={(event) => {
                // The button goes with the message; the one that it is about stays.
                const around = event.currentTarget.closest(".mentor, .card");
                around?.querySelector("button")?.focus();
                forceSyncs.dismiss(listed.id);
              }}
            >
              {words.force.close}
            </button>
          )}
        </Message>
      )}
    </div>
  );
}
