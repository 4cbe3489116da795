import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { recall } from "../view_memory.ts";
import { useApp, useWords } from "./context.ts";

let hasShownPage = false;

interface PageProps {
  readonly title: string;
  readonly intro?: string;
  readonly children: ComponentChildren;
}

/**
 * A view with its heading. Going from one view to the next moves the focus to the heading, as
 * loading a page would, so that nobody who cannot see it is left behind. Going back leads to where one was.
 */
export function Page({ title, intro, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { app } = useWords();
  const attention = useApp().outlook.value?.attention ?? 0;
  useEffect(() => {
    if (hasShownPage) heading.current?.focus({ preventScroll: true });
    globalThis.scrollTo(0, recall().scroll);
    hasShownPage = true;
  }, []);
  useEffect(() => {
    document.title = `${attention > 0 ? `(${attention}) ` : ""}${title} – ${app.name}`;
  }, [title, app.name, attention]);
  return (
    <>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{title}</bdi>
        </h1>
        {intro !== undefined && <p class="lead">{intro}</p>}
      </div>
      {children}
    </>
  );
}
