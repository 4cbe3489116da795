import type { ComponentChildren } from "preact";
import { progressOf } from "../model/outlook.ts";
import { isStillShown, type ListedMentor } from "../model/standing.ts";
import { describeConfirmed, describeNext, describeTrouble } from "../words/describe_state.ts";
import { ProgressBadge } from "./badges.tsx";
import { useView, useWorkplace } from "./context.ts";
import { ForceSyncResult, MentorAction } from "./force_sync.tsx";
import { Urgent } from "./support.tsx";

interface MentorRowProps {
  readonly listed: ListedMentor;
  /** Left out where a heading above has said it. */
  readonly hidesTodo?: boolean;
  /** What stands before the name, such as a box to tick. */
  readonly children?: ComponentChildren;
}

/** One mentor in a list. */
export function MentorRow({ listed, hidesTodo = false, children }: MentorRowProps) {
  const { words, links, now, lagMinutes } = useView();
  const { forceSyncs, hold, naming } = useWorkplace();
  const { id, state, standing } = listed;
  const next = describeNext(state, standing, { now, words, hold, lagMinutes });
  const trouble = describeTrouble(state, standing, hold, words);
  const progress = progressOf(standing, hold);
  return (
    <li class={`mentor ${progress}`}>
      {children}
      <div class="mentor-text">
        <div class="mentor-title">
          <a href={links.mentor(id)}>
            <bdi>{naming(id)}</bdi>
          </a>
          <ProgressBadge progress={progress} />
        </div>
        <p>
          {words.wanted[state.wanted_operation]}
          <span class="muted">
            {" · "}
            {describeConfirmed(state, now, words)}
          </span>
        </p>
        {isStillShown(state) && (
          <div class="danger">
            <p>{words.mentors.stillShown}</p>
            <Urgent />
          </div>
        )}
        {next !== null && <p class="muted">{next}</p>}
        {standing === "stuck" && trouble !== null && !hidesTodo && (
          <p>
            <strong>{words.log.details.todo}:</strong> {trouble.todo}
          </p>
        )}
      </div>
      {(standing !== "in_sync" || forceSyncs.all.value.has(id)) && (
        <div class="mentor-action">
          <MentorAction listed={listed} />
        </div>
      )}
      <ForceSyncResult listed={listed} />
    </li>
  );
}
