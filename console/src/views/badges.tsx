import type { Outcome } from "../model/rows.ts";
import type { Progress } from "../model/outlook.ts";
import { useWords } from "./context.ts";
import { Icon } from "./icons.tsx";

const PROGRESS_LOOKS = {
  confirmed: { tone: "good", icon: "check" },
  on_its_way: { tone: "wait", icon: "clock" },
  held: { tone: "bad", icon: "alert" },
  needs_you: { tone: "bad", icon: "alert" },
} as const;

const OUTCOME_LOOKS = {
  success: PROGRESS_LOOKS.confirmed,
  failure: PROGRESS_LOOKS.on_its_way,
  dead_lettered: PROGRESS_LOOKS.needs_you,
} as const;

/** Says how far somebody is by word, colour and shape. */
export function ProgressBadge({ progress }: { progress: Progress }) {
  const { tone, icon } = PROGRESS_LOOKS[progress];
  return (
    <span class={`badge ${tone}`}>
      <Icon name={icon} />
      {useWords().progress[progress]}
    </span>
  );
}

/** Says an outcome by word, colour and shape. */
export function OutcomeBadge({ outcome }: { outcome: Outcome }) {
  const { tone, icon } = OUTCOME_LOOKS[outcome];
  return (
    <span class={`badge ${tone}`}>
      <Icon name={icon} />
      {useWords().outcome[outcome]}
    </span>
  );
}
