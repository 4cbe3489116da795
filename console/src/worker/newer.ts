/** What the worker tells a page that is not the newest any more. */
export const NEWER = "newer";
