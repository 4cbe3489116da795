import type { ListedMentor } from "../model/standing.ts";
import { describeForceSync } from "../words/force_sync_words.ts";
import { useView, useWorkplace } from "./context.ts";
import { Icon } from "./icons.tsx";
import { Message } from "./message.tsx";

/**
 * «Send nå», for whoever is stuck by way of the preview. One button for both, which stays where it is
 * while it works, so that the focus is not lost.
 */
export function MentorAction({ listed }: { listed: ListedMentor }) {
  const { app, words } = useView();
  const { forceSyncs, naming } = useWorkplace();
  const isStuck = listed.standing === "stuck";
  const name = naming(listed.id);
  return (
    <button
      type="button"
      class={isStuck ? "primary" : "secondary"}
      aria-disabled={forceSyncs.all.value.get(listed.id)?.kind === "busy"}
      aria-label={words.force.buttonFor(name)}
      onClick={() => isStuck ? app.previewRequeue([listed.id]) : void forceSyncs.start(listed.id)}
    >
      <Icon name="sync" />
      {words.force.button}
    </button>
  );
}

/** What came of it; announced by screen readers as it changes. */
export function ForceSyncResult({ listed }: { listed: ListedMentor }) {
  const { words, now, lagMinutes } = useView();
  const { forceSyncs, hold, naming } = useWorkplace();
  const sync = forceSyncs.all.value.get(listed.id);
  const message = sync && describeForceSync(
    sync,
    naming(listed.id),
    listed.state.wanted_operation,
    { now, hold, lagMinutes },
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
                // The button goes with the message; who it is about stays.
                const around = event.currentTarget.closest(".mentor, .card");
                around?.querySelector<HTMLElement>(".mentor-title a, .action button")?.focus();
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
