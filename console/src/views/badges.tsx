import type { Outcome } from "../rows.ts";
import type { Standing } from "../standing.ts";
import { useWords } from "./context.ts";
import { Icon } from "./icons.tsx";

const STANDING_LOOKS = {
  in_step: { tone: "good", icon: "check" },
  waiting: { tone: "wait", icon: "clock" },
  stuck: { tone: "bad", icon: "alert" },
} as const;

const OUTCOME_LOOKS = {
  success: STANDING_LOOKS.in_step,
  failure: STANDING_LOOKS.waiting,
  dead_lettered: STANDING_LOOKS.stuck,
} as const;

/** Says a standing by word, colour and shape. */
export function StandingBadge({ standing }: { standing: Standing }) {
  const { tone, icon } = STANDING_LOOKS[standing];
  return (
    <span class={`badge ${tone}`}>
      <Icon name={icon} />
      {useWords().standing[standing]}
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
