import * as v from "valibot";

const memory = v.object({
  search: v.optional(v.string(), ""),
  rows: v.optional(v.number(), 0),
  scroll: v.optional(v.number(), 0),
});

/** How somebody left a view: it belongs to the entry in the browser's history, so Back finds it again. */
type ViewMemory = v.InferOutput<typeof memory>;

/** What the entry of the browser's history holds; a name that was searched for stays out of the address. */
export function recall(): ViewMemory {
  const parsed = v.safeParse(memory, history.state ?? {});
  return parsed.success ? parsed.output : { search: "", rows: 0, scroll: 0 };
}

export function remember(change: Partial<ViewMemory>): void {
  history.replaceState({ ...recall(), ...change }, "");
}

/** Long enough for somebody to have stopped, short enough not to be gone by then. */
const REST_MS = 150;

/** Writes down how far somebody has scrolled, from now on. */
export function rememberScroll(): void {
  let resting: ReturnType<typeof setTimeout> | undefined;
  const note = () => {
    clearTimeout(resting);
    remember({ scroll: scrollY });
  };
  addEventListener("scroll", () => {
    clearTimeout(resting);
    resting = setTimeout(note, REST_MS);
  }, { passive: true });
  // What is pressed may lead elsewhere at once.
  addEventListener("click", note, { capture: true });
  addEventListener("pagehide", note);
  // What was not written down by then would be written into another entry.
  addEventListener("popstate", () => clearTimeout(resting));
}

const PLACE = "hlf-sync.place";

/** Keeps the view for the way back from a page where somebody signs in. */
export function keepPlace(): void {
  try {
    sessionStorage.setItem(PLACE, location.hash);
  } catch {
    // A browser may forbid it; then the way back leads to the first view.
  }
}

/** The view that was kept, once. */
export function takePlace(): string {
  try {
    const place = sessionStorage.getItem(PLACE) ?? "";
    sessionStorage.removeItem(PLACE);
    return place;
  } catch {
    return "";
  }
}
