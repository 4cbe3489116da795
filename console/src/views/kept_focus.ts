import { useLayoutEffect } from "preact/hooks";

/**
 * Rows change places as standings change, and a browser takes the focus from what is moved. Whoever
 * had it gets it back, so that nobody who works by keyboard is thrown to the top of the page.
 */
export function useKeptFocus(): void {
  const before = document.activeElement;
  useLayoutEffect(() => {
    const isLost = document.activeElement === document.body && before?.isConnected;
    if (isLost && before instanceof HTMLElement) before.focus({ preventScroll: true });
  });
}
