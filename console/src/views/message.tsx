import type { ComponentChildren } from "preact";
import { Icon } from "./icons.tsx";

const ICONS = { good: "check", wait: "clock", bad: "alert", info: "info", busy: "sync" } as const;

interface MessageProps {
  readonly tone: keyof typeof ICONS;
  readonly children: ComponentChildren;
}

/** Something to be told, set apart from the rest. Whoever shows it decides how it is announced. */
export function Message({ tone, children }: MessageProps) {
  return (
    <div class={`message ${tone}`}>
      <Icon name={ICONS[tone]} />
      <div>{children}</div>
    </div>
  );
}
