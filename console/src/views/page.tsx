import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useWords } from "./context.ts";

let hasShownPage = false;

interface PageProps {
  readonly title: string;
  readonly intro?: string;
  readonly children: ComponentChildren;
}

/**
 * A view with its heading. Going from one view to the next moves the focus to the heading, as
 * loading a page would, so that nobody who cannot see it is left behind.
 */
export function Page({ title, intro, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { app } = useWords();
  useEffect(() => {
    if (hasShownPage) {
      heading.current?.focus();
      globalThis.scrollTo(0, 0);
    }
    hasShownPage = true;
  }, []);
  useEffect(() => {
    document.title = `${title} – ${app.name}`;
  }, [title, app.name]);
  return (
    <>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        {intro !== undefined && <p class="lead">{intro}</p>}
      </div>
      {children}
    </>
  );
}
