import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { recall } from "../model/view_memory.ts";
import { useApp, useWords } from "./context.ts";

let hasShownPage = false;

interface PageProps {
  readonly title: string;
  readonly intro?: string;
  /** Whether all is there that one may have scrolled past. */
  readonly isReady?: boolean;
  /** Whether it is one short form or text. */
  readonly isNarrow?: boolean;
  readonly children: ComponentChildren;
}

/**
 * A view with its heading. Going from one view to the next moves the focus to the heading, as
 * loading a page would, so that nobody who cannot see it is left behind. Going back leads to where one was.
 */
export function Page({ title, intro, isReady = true, isNarrow = false, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { app } = useWords();
  const attention = useApp().outlook.value?.attention ?? 0;
  useEffect(() => {
    if (hasShownPage) heading.current?.focus({ preventScroll: true });
    hasShownPage = true;
  }, []);
  // Read before anything scrolls because the page has become shorter, which would be written down.
  const left = useRef<number | null>(recall().scroll);
  useLayoutEffect(() => {
    if (left.current === null) return;
    scrollTo(0, isReady ? left.current : 0);
    if (isReady) left.current = null;
  }, [isReady]);
  useEffect(() => {
    document.title = `${attention > 0 ? `(${attention}) ` : ""}${title} – ${app.name}`;
  }, [title, app.name, attention]);
  const view = (
    <>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{title}</bdi>
        </h1>
        {intro !== undefined && <p class="lead muted">{intro}</p>}
      </div>
      {children}
    </>
  );
  return isNarrow ? <div class="narrow">{view}</div> : view;
}
