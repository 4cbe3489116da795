import type { ComponentChildren } from "preact";
import { links } from "../route.ts";
import { isStillShown, type ListedMentor } from "../standing.ts";
import { nameOf } from "../words/describe.ts";
import { describeConfirmed, describeNext, describeTrouble } from "../words/describe_state.ts";
import { StandingBadge } from "./badges.tsx";
import { useApp, useWords, useWorkplace } from "./context.ts";
import { ForceSyncResult, MentorAction } from "./force_sync.tsx";

interface MentorRowProps {
  readonly listed: ListedMentor;
  /** What stands before the name, such as a box to tick. */
  readonly children?: ComponentChildren;
}

/** One mentor in a list. */
export function MentorRow({ listed, children }: MentorRowProps) {
  const app = useApp();
  const words = useWords();
  const { live, organisation } = useWorkplace();
  const now = app.device.now();
  const { id, mentor, state, standing } = listed;
  const isHeld = !organisation.hlf_sync_enabled;
  const next = describeNext(state, standing, {
    now,
    words,
    isHeld,
    gate: live.warnings.value?.gate,
  });
  const trouble = describeTrouble(state, standing, words);
  return (
    <li class={`mentor ${standing}`}>
      {children}
      <div class="mentor-text">
        <div class="mentor-title">
          <a href={links.mentor(id)}>{nameOf(mentor, id, words)}</a>
          <StandingBadge standing={standing} />
        </div>
        <p>
          {words.wanted[state.wanted_operation]}
          <span class="muted">
            {" · "}
            {describeConfirmed(state, now, words)}
          </span>
        </p>
        {isStillShown(state) && <p class="danger">{words.mentors.stillShown}</p>}
        {next !== null && <p class="muted">{next}</p>}
        {standing === "stuck" && trouble !== null && (
          <p>
            <strong>{words.log.details.todo}:</strong> {trouble.todo}
          </p>
        )}
      </div>
      <div class="mentor-action">
        <MentorAction listed={listed} />
      </div>
      <ForceSyncResult listed={listed} />
    </li>
  );
}
