import type { ListedMentor } from "../standing.ts";
import { useApp, useWords } from "./context.ts";

/** «Send alle på nytt»; nothing where there are not several, as each has a button of its own. */
export function RequeueAll({ stuck }: { stuck: readonly ListedMentor[] }) {
  const app = useApp();
  const { requeue } = useWords();
  if (stuck.length < 2) return null;
  return (
    <button
      type="button"
      class="primary"
      onClick={() => app.previewRequeue(stuck.map(({ id }) => id))}
    >
      {requeue.all(stuck.length)}
    </button>
  );
}
